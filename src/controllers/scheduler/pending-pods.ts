// Pods that wait for a node, and what may let them go on.
import { type Change, deepEqual, defineIndex, type Snapshot, type WorkKey } from '../../machinery/index.js'
import { type Node, type Pod, pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { affinityTerms, antiAffinityTerms } from './pod-affinity.js'

const schedulerName = 'default-scheduler'

export function isPending(object: Pod): boolean {
  const { spec, metadata } = object
  return !spec.nodeName && spec.schedulerName === schedulerName && !spec.schedulingGates?.length && !metadata.deletionTimestamp && !isTerminal(object)
}

const pendingPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPending(object) ? [''] : []) })

/** Those to whom a node is promised, by its name. */
export const nominatedPods = defineIndex<Pod>({
  definition: pod,
  values: (object) => (isPending(object) && object.status?.nominatedNodeName ? [object.status.nominatedNodeName] : []),
})

/** Those that wait for other pods to come. */
const longingPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPending(object) && affinityTerms(object).length ? [''] : []) })

/** Pods with a node that do not want certain others near. */
export const guardedPods = defineIndex<Pod>({
  definition: pod,
  values: (object) => (object.spec.nodeName && !isTerminal(object) && antiAffinityTerms(object).length ? [''] : []),
})

export const everyPending = (snapshot: Snapshot): readonly WorkKey[] => keysByPriority(snapshot.find(pendingPods, ''))

/** A pod that goes makes room; one that comes may be what another waits for. */
export function wokenByPod({ object, old, deleted }: Change<Pod>, snapshot: Snapshot): readonly WorkKey[] {
  // What the scheduler says of a pod is no reason to look again.
  if (!deleted && old && isPending(old) && deepEqual(old.spec, object.spec) && deepEqual(old.metadata.labels, object.metadata.labels)) return []
  if (isPending(object) && !deleted) return [{ namespace: object.metadata.namespace as string, name: object.metadata.name as string }]
  if (!object.spec.nodeName) return []
  if (deleted || (isTerminal(object) && !(old && isTerminal(old)))) return everyPending(snapshot)
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
