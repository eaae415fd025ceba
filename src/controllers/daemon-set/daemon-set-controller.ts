// A DaemonSet keeps one pod on every node that it fits.
// Upstream: pkg/controller/daemon/daemon_controller.go
// Differs: a daemon's pod that has failed is replaced at once, where upstream waits longer each time.
import {
  type Controller,
  compileLabelSelector,
  deepEqual,
  defineController,
  keyOf,
  matchesLabels,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
} from '../../machinery/index.js'
import { controllerRevision, type DaemonSet, daemonSet, type Node, node, type Pod, pod } from '../../resources/index.js'
import { type Claims, claim, dependentPods, ownersOf } from '../workloads/ownership.js'
import { creation, deletion, workloadEvent } from '../workloads/pod-control.js'
import { isActive, nextAvailabilityMillis } from '../workloads/pod-state.js'
import { dependentRevisions, type History, readHistory, surplusRevisions, updateRevision } from '../workloads/revisions.js'
import { type Changes, type Daemons, daemonStatus, hasChanges, manage, placesOf, rollingUpdate } from './daemon-nodes.js'
import { daemonPod, hashLabel, nodeNameOf } from './daemon-pod.js'

const component = 'daemonset-controller'
const burstMax = 250

interface Observed {
  set: DaemonSet
  claims: Claims<Pod>
  history: History
  /** Of its revisions that change hands. */
  moved: readonly PlannedWrite[]
  nodes: readonly Node[]
  now: number
}

export const daemonSetController: Controller<Observed> = defineController<Observed>({
  name: 'daemonset-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:daemon-set-controller',
  watches: [
    onSelf(daemonSet),
    on(pod, (change, snapshot) => ownersOf(change, snapshot, { definition: daemonSet, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) })),
    on(controllerRevision, (change, snapshot) =>
      ownersOf(change, snapshot, { definition: daemonSet, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) }),
    ),
    on(node, ({ object, old, deleted }, snapshot) => {
      const facts = ({ metadata, spec }: Node) => [metadata.labels, spec.taints, spec.unschedulable]
      return !deleted && old && deepEqual(facts(object), facts(old)) ? [] : snapshot.list(daemonSet).map(keyOf)
    }),
  ],
  observe(key, snapshot) {
    const set = snapshot.get(daemonSet, key)
    if (!set) return undefined
    const selects = compileLabelSelector(set.spec.selector)
    const revisions = claim({ owner: set, dependents: dependentRevisions, matches: ({ metadata }) => selects(metadata.labels) }, snapshot)
    return {
      set,
      claims: claim({ owner: set, dependents: dependentPods, matches: ({ metadata }) => selects(metadata.labels) }, snapshot),
      history: readHistory(set, revisions.members, hashLabel, snapshot),
      moved: revisions.writes,
      nodes: snapshot.list(node),
      now: snapshot.now,
    }
  },
  reconcile({ set, claims, history, moved, nodes, now }): Plan {
    if (set.metadata.deletionTimestamp !== undefined) return { writes: [] }
    if (moved.length || claims.writes.length) return { writes: [...moved, ...claims.writes] }
    const updated = updateRevision(history)
    if (!updated) return { writes: [statusWrite(set, { ...set.status, collisionCount: (set.status.collisionCount ?? 0) + 1 })] }
    const hash = updated.revision.metadata.labels?.[hashLabel] ?? ''
    const daemons = { set, places: placesOf(set, nodes, claims.members), hash, now }
    const changes = changesOf(daemons)
    changes.remove.push(...stranded(claims.members, nodes))
    const writes = [...updated.writes, ...writesFor(daemons, changes)]
    const status = daemonStatus(daemons)
    if (!deepEqual(status, set.status)) writes.push(statusWrite(set, status))
    const inUse = new Set([hash, ...claims.members.map(({ metadata }) => metadata.labels?.[hashLabel])])
    const isInUse = ({ metadata }: { metadata: Pod['metadata'] }) => inUse.has(metadata.labels?.[hashLabel])
    writes.push(...surplusRevisions(history.revisions, { limit: set.spec.revisionHistoryLimit ?? 10, isInUse }))
    const requeueAfterMillis = nextAvailabilityMillis(claims.members.filter(isActive), set.spec.minReadySeconds ?? 0, now)
    return { writes, ...(requeueAfterMillis === undefined ? {} : { requeueAfterMillis }) }
  },
})

function changesOf(daemons: Daemons): Changes {
  const changes = manage(daemons)
  return hasChanges(changes) || daemons.set.spec.updateStrategy.type === 'OnDelete' ? changes : rollingUpdate(daemons)
}

/** Pods that wait for a node that is gone. */
function stranded(pods: readonly Pod[], nodes: readonly Node[]): Pod[] {
  const waiting = pods.filter((each) => !each.spec.nodeName && isActive(each))
  if (!waiting.length) return []
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  return waiting.filter((each) => !names.has(nodeNameOf(each)))
}

function writesFor({ set, hash }: Daemons, { create, remove, events }: Changes): PlannedWrite[] {
  const control = { owner: set, component }
  return [
    ...events.map((event) => workloadEvent(set, component, event)),
    ...create.slice(0, burstMax).map((each) => creation(control, daemonPod(set, each, hash))),
    ...remove.slice(0, burstMax).flatMap((each) => deletion(control, each)),
  ]
}

function statusWrite(set: DaemonSet, status: DaemonSet['status']): PlannedWrite {
  return { verb: 'update', definition: daemonSet, object: { ...set, status }, subresource: 'status' }
}
