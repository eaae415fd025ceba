// The status of a StatefulSet.
// Upstream: pkg/controller/statefulset/stateful_set_control.go updateStatus, completeRollingUpdate
import { isReady, type Pod, type StatefulSet } from '../../resources/index.js'
import { counts, isAvailable, isTerminating } from '../workloads/pod-state.js'
import { type Revisions, revisionNameOf } from './identity.js'

export const isServing = (pod: Pod) => pod.status?.phase === 'Running' && isReady(pod)

export function isServingLongEnough({ spec }: StatefulSet, pod: Pod, now: number): boolean {
  return isServing(pod) && isAvailable(pod, spec.minReadySeconds ?? 0, now)
}

export function statefulStatus(set: StatefulSet, pods: readonly Pod[], { current, update }: Revisions, now: number): StatefulSet['status'] {
  const { metadata, spec, status } = set
  const staying = pods.filter((pod) => !isTerminating(pod))
  const ofRevision = (name: string | undefined) => staying.filter((pod) => revisionNameOf(pod) === name).length
  const ready = pods.filter(isServing).length
  const updated = ofRevision(update.metadata.name)
  const wanted = spec.replicas ?? 0
  const isComplete = spec.updateStrategy.type === 'RollingUpdate' && updated === wanted && ready === wanted && pods.length === wanted
  return {
    ...counts({ observedGeneration: metadata.generation ?? 0 }),
    replicas: pods.length,
    ...counts({ readyReplicas: ready, currentReplicas: isComplete ? updated : ofRevision(current.metadata.name), updatedReplicas: updated }),
    currentRevision: (isComplete ? update : current).metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: status.collisionCount ?? 0,
    ...(status.conditions ? { conditions: status.conditions } : {}),
    availableReplicas: pods.filter((pod) => isServingLongEnough(set, pod, now)).length,
  }
}
