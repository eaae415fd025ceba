// Pods nobody looks after any more: those of nodes that are gone, and ended ones beyond a number.
// Upstream: pkg/controller/podgc/gc_controller.go
// Differs: a pod is given its time from its creation, not from the moment its node was missed: nothing lags behind here.
import { type Controller, defineController, defineIndex, keyOf, on, type Plan } from '../machinery/index.js'
import { node, type Pod, pod } from '../resources/index.js'
import { withCondition } from './pod-condition.js'
import { isTerminal, podsByNode } from './pod-indexes.js'

const quarantineMillis = 40_000
// Upstream: the flag --terminated-pod-gc-threshold
const terminatedMax = 12_500

const terminatedPods = defineIndex<Pod>({ definition: pod, values: (object) => (isTerminal(object) ? [''] : []) })

/** Stands for all pods that have ended. */
const terminatedKey = { namespace: '', name: 'terminated' }

interface Observed {
  orphan?: Pod
  surplus: readonly Pod[]
  now: number
}

export const podGarbageCollector: Controller<Observed> = defineController<Observed>({
  name: 'pod-garbage-collector-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:pod-garbage-collector',
  watches: [
    on(pod, ({ object, old, deleted }, snapshot) => {
      if (deleted) return []
      const isEnding = isTerminal(object) && !(old && isTerminal(old))
      const isOrphan = object.spec.nodeName && !snapshot.get(node, { name: object.spec.nodeName })
      return [...(isEnding ? [terminatedKey] : []), ...(isOrphan ? [keyOf(object)] : [])]
    }),
    on(node, ({ object, deleted }, snapshot) => (deleted ? snapshot.find(podsByNode, object.metadata.name ?? '').map(keyOf) : [])),
  ],
  observe(key, snapshot) {
    const { now } = snapshot
    if (!key.namespace) return { surplus: surplusOf(snapshot.find(terminatedPods, '')), now }
    const object = snapshot.get(pod, key)
    if (!object?.spec.nodeName || snapshot.get(node, { name: object.spec.nodeName })) return undefined
    return { orphan: object, surplus: [], now }
  },
  reconcile({ orphan, surplus, now }): Plan {
    if (!orphan) return { writes: surplus.map(deletionOf) }
    const due = Date.parse(orphan.metadata.creationTimestamp ?? '') + quarantineMillis
    if (due > now) return { writes: [], requeueAfterMillis: due - now }
    if (orphan.metadata.deletionTimestamp && orphan.metadata.deletionGracePeriodSeconds === 0) return { writes: [] }
    if (isTerminal(orphan)) return { writes: [deletionOf(orphan)] }
    const verdict = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }
    const status = { ...withCondition(orphan, verdict, now), phase: 'Failed' }
    return { writes: [{ verb: 'update', definition: pod, object: { ...orphan, status }, subresource: 'status' }, deletionOf(orphan)] }
  },
})

/** The oldest beyond the number that may stay. */
function surplusOf(pods: readonly Pod[]): Pod[] {
  if (pods.length <= terminatedMax) return []
  const birth = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '')
  return [...pods].sort((one, other) => birth(one) - birth(other)).slice(0, pods.length - terminatedMax)
}

function deletionOf(object: Pod) {
  const options = { gracePeriodSeconds: 0, preconditions: { uid: object.metadata.uid } }
  return { verb: 'delete' as const, definition: pod, key: keyOf(object), options }
}
