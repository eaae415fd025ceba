// The scheduler: each pod without a node gets the best of those that can take it, or is told why there is none.
// Upstream: pkg/scheduler/schedule_one.go
// Differs: volumes are taken for present as soon as their claim is.
import {
  type Controller,
  deepEqual,
  defineController,
  defineIndex,
  on,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
  type Snapshot,
} from '../../machinery/index.js'
import { type Node, namespace, node, type Pod, persistentVolumeClaim, pod } from '../../resources/index.js'
import { withCondition } from '../pod-condition.js'
import { isTerminal, podsByNode } from '../pod-indexes.js'
import { filtersFor, type Objection } from './filters.js'
import { usageOf } from './node-usage.js'
import { everyPending, guardedPods, isPending, wokenByNode, wokenByPod } from './pending-pods.js'
import type { Neighbourhood } from './pod-affinity.js'
import { bestOf, type Candidate } from './scores.js'
import { describeObjections, describeRefusal, noNodes } from './unschedulable.js'

const allNodes = defineIndex<Node>({ definition: node, values: () => [''] })

interface Observed {
  pod: Pod
  podsOn(name: string): readonly Pod[]
  neighbourhood: Neighbourhood
  /** A claim the pod needs and nobody has made. */
  missingClaim?: string
  now: number
}

export const scheduler: Controller<Observed> = defineController<Observed>({
  name: 'kube-scheduler',
  fieldManager: 'kube-scheduler',
  username: 'system:kube-scheduler',
  watches: [
    on(pod, wokenByPod),
    on(node, wokenByNode),
    on(persistentVolumeClaim, ({ old, deleted }, snapshot) => (old || deleted ? [] : everyPending(snapshot))),
  ],
  observe(key, snapshot) {
    const object = snapshot.get(pod, key)
    if (!object || !isPending(object)) return undefined
    return {
      pod: object,
      podsOn: (name) => snapshot.find(podsByNode, name),
      neighbourhood: neighbourhoodIn(snapshot),
      missingClaim: missingClaimOf(object, snapshot),
      now: snapshot.now,
    }
  },
  reconcile(observed): Plan {
    const choice = choose(observed)
    return 'node' in choice ? bind(observed.pod, choice.node) : explain(observed, choice.message)
  },
})

function neighbourhoodIn(snapshot: Snapshot): Neighbourhood {
  const isPlaced = (object: Pod) => Boolean(object.spec.nodeName) && !isTerminal(object)
  return {
    nodes: snapshot.find(allNodes, ''),
    nodeOf: ({ spec }) => (spec.nodeName ? snapshot.get(node, { name: spec.nodeName }) : undefined),
    podsIn: (name) => snapshot.list(pod, { namespace: name }).filter(isPlaced),
    everyPod: () => snapshot.list(pod).filter(isPlaced),
    guarded: () => snapshot.find(guardedPods, ''),
    namespaces: () => snapshot.list(namespace),
  }
}

function missingClaimOf({ spec, metadata }: Pod, snapshot: Snapshot): string | undefined {
  for (const { name, persistentVolumeClaim: claim, ephemeral } of spec.volumes ?? []) {
    const claimName = claim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : undefined)
    if (claimName && !snapshot.get(persistentVolumeClaim, { namespace: metadata.namespace as string, name: claimName })) return claimName
  }
  return undefined
}

function choose({ pod: object, podsOn, neighbourhood, missingClaim }: Observed): { node: Node } | { message: string } {
  const { nodes } = neighbourhood
  if (!nodes.length) return { message: noNodes }
  if (missingClaim !== undefined) return { message: describeRefusal(object, `persistentvolumeclaim "${missingClaim}" not found`, nodes.length) }
  const filters = filtersFor(object, neighbourhood)
  const candidates: Candidate[] = []
  const objections: Objection[] = []
  const enough = enoughOf(nodes.length)
  const first = firstOf(object, nodes.length, enough)
  for (let step = 0; step < nodes.length && candidates.length < enough; step++) {
    const candidate = nodes[(first + step) % nodes.length]
    const usage = usageOf(podsOn(candidate.metadata.name as string))
    let objection: Objection | undefined
    for (const filter of filters) {
      objection = filter(candidate, usage)
      if (objection) break
    }
    if (objection) objections.push(objection)
    else candidates.push({ node: candidate, usage })
  }
  if (!candidates.length) return { message: describeObjections(object, objections) }
  return { node: bestOf(object, candidates, neighbourhood) }
}

// In large clusters a part of the nodes is good enough. Upstream: schedule_one.go numFeasibleNodesToFind
function enoughOf(nodes: number): number {
  const leastNodes = 100
  if (nodes <= leastNodes) return nodes
  const percentage = Math.max(50 - Math.trunc(nodes / 125), 5)
  return Math.max(Math.trunc((nodes * percentage) / 100), leastNodes)
}

/** Where to begin, when not all are asked: each pod elsewhere, so that none are forgotten. */
function firstOf({ metadata }: Pod, nodes: number, enough: number): number {
  return enough < nodes ? Number.parseInt(metadata.uid?.slice(0, 8) ?? '0', 16) % nodes : 0
}

function bind(object: Pod, { metadata: { name: nodeName } }: Node): Plan {
  const { namespace: inNamespace = '', name = '', uid } = object.metadata
  const key = { namespace: inNamespace, name }
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { ...key, uid }, target: { kind: 'Node', name: nodeName } }
  const message = `Successfully assigned ${inNamespace}/${name} to ${nodeName}`
  return {
    writes: [
      { verb: 'createSubresource', definition: pod, key, subresource: 'binding', object: binding },
      { verb: 'event', event: schedulerEvent(object, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message }) },
    ],
  }
}

function explain({ pod: object, now }: Observed, message: string): Plan {
  const status = withCondition(object, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }, now)
  // What has been said is not said again.
  if (deepEqual(status, object.status)) return { writes: [] }
  const writes: PlannedWrite[] = [
    { verb: 'event', event: schedulerEvent(object, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message }) },
    { verb: 'update', definition: pod, object: { ...object, status }, subresource: 'status' },
  ]
  return { writes }
}

function schedulerEvent({ metadata }: Pod, told: Pick<PlannedEvent, 'type' | 'reason' | 'action' | 'message'>): PlannedEvent {
  const { namespace: inNamespace, name = '', uid, resourceVersion } = metadata
  const regarding = { kind: 'Pod', namespace: inNamespace, name, uid, apiVersion: 'v1', resourceVersion }
  return { ...told, regarding, component: 'default-scheduler', host: 'default-scheduler-kubedouble' }
}
