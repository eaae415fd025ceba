// The scheduler: each pod without a node gets the best of those that can take it, or is told why there is none.
// Upstream: pkg/scheduler/schedule_one.go
// Differs: volumes are taken for present as soon as their claim is.
import { type Controller, defineController, defineIndex, on, type Plan, type Snapshot } from '../../machinery/index.js'
import { type Node, namespace, node, type Pod, persistentVolumeClaim, pod, podDisruptionBudget } from '../../resources/index.js'
import { isTerminal, podsByNode } from '../pod-indexes.js'
import { choose, type Situation } from './choice.js'
import { everyPending, guardedPods, isPending, nominatedPods, wokenByNode, wokenByPod } from './pending-pods.js'
import type { Neighbourhood } from './pod-affinity.js'
import { bind, explain } from './scheduling-plans.js'

const allNodes = defineIndex<Node>({ definition: node, values: () => [''] })

interface Observed extends Situation {
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
      nominatedFor: (name) => snapshot.find(nominatedPods, name),
      neighbourhood: neighbourhoodIn(snapshot),
      budgetsIn: (of) => snapshot.list(podDisruptionBudget, { namespace: of }),
      missingClaim: missingClaimOf(object, snapshot),
      now: snapshot.now,
    }
  },
  reconcile(observed): Plan {
    const choice = choose(observed)
    if (choice === 'waiting') return { writes: [] }
    return 'node' in choice ? bind(observed.pod, choice.node) : explain(observed.pod, { ...choice, now: observed.now })
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
