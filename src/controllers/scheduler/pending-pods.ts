// Pods that wait for a node, and what may let them go on.
import { type Change, deepEqual, defineIndex, type Snapshot, type WorkKey } from '../../machinery/index.js'
import { type Node, type Pod, pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { affinityTerms } from './neighbourhood.js'
import { mayRoomHelp } from './unschedulable.js'

const schedulerName = 'default-scheduler'

export function isPending(object: Pod): boolean {
  const { spec, metadata } = object
  return !spec.nodeName && spec.schedulerName === schedulerName && !spec.schedulingGates?.length && !metadata.deletionTimestamp && !isTerminal(object)
}

const pendingPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPending(object) ? [''] : []) })

/** Those whom it may help that others leave. */
const hopefulPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPending(object) && isHopeful(object) ? [''] : []) })

/** Of a pod that was not looked at yet nobody knows; and the first of a kind may go anywhere. */
function isHopeful(object: Pod): boolean {
  const verdict = object.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return verdict?.message === undefined || affinityTerms(object).length > 0 || mayRoomHelp(verdict.message)
}

/** Those to whom a node is promised, by its name; and all of them under no name. */
const nominatedPods = defineIndex<Pod>({
  definition: pod,
  values: (object) => (isPending(object) && object.status?.nominatedNodeName ? ['', object.status.nominatedNodeName] : []),
})

const nobody: readonly Pod[] = []

export const isAnyNominated = (snapshot: Snapshot): boolean => snapshot.find(nominatedPods, '').length > 0

/** Who waits for others to leave a node, by its name. As a rule nobody does, anywhere. */
export function nominatedFor(snapshot: Snapshot): (node: string) => readonly Pod[] {
  return isAnyNominated(snapshot) ? (name) => snapshot.find(nominatedPods, name) : () => nobody
}

/** Those that wait for other pods to come. */
const longingPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPending(object) && affinityTerms(object).length ? [''] : []) })

export const everyPending = (snapshot: Snapshot): readonly WorkKey[] => keysByPriority(snapshot.find(pendingPods, ''))

/** A pod that goes makes room; one that comes may be what another waits for. */
export function wokenByPod({ object, old, deleted }: Change<Pod>, snapshot: Snapshot): readonly WorkKey[] {
  // What the scheduler says of a pod is no reason to look again.
  if (!deleted && old && isPending(old) && deepEqual(old.spec, object.spec) && deepEqual(old.metadata.labels, object.metadata.labels)) return []
  if (isPending(object) && !deleted) return [{ namespace: object.metadata.namespace as string, name: object.metadata.name as string }]
  if (!object.spec.nodeName) return []
  if (deleted || (isTerminal(object) && !(old && isTerminal(old)))) return keysByPriority(snapshot.find(hopefulPods, ''))
  const longing = snapshot.find(longingPods, '')
  const isNew = longing.length > 0 && (!old?.spec.nodeName || !deepEqual(old.metadata.labels, object.metadata.labels))
  return isNew ? keysByPriority(longing) : []
}

/** A node that comes or changes may take pods that no other could. */
export function wokenByNode({ object, old, deleted }: Change<Node>, snapshot: Snapshot): readonly WorkKey[] {
  if (deleted) return []
  const facts = ({ metadata, spec, status }: Node) => JSON.stringify([metadata.labels, spec.unschedulable, spec.taints, status.allocatable])
  return old && facts(old) === facts(object) ? [] : everyPending(snapshot)
}

/** The more important first, then the older. The same list while the pods are the same. */
function keysByPriority(pods: readonly Pod[]): readonly WorkKey[] {
  const known = keyLists.get(pods)
  if (known) return known
  const keys = [...pods]
    .sort((one, other) => (other.spec.priority ?? 0) - (one.spec.priority ?? 0) || age(one) - age(other))
    .map(({ metadata }) => ({ namespace: metadata.namespace as string, name: metadata.name as string }))
  keyLists.set(pods, keys)
  return keys
}

const keyLists = new WeakMap<readonly Pod[], readonly WorkKey[]>()

const age = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '') || 0
