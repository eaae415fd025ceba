// The status of what keeps a number of pods.
// Upstream: pkg/controller/replicaset/replica_set_utils.go calculateStatus
import { formatTime, matchesMap } from '../../machinery/index.js'
import { isReady, type Pod, type ReplicaSet } from '../../resources/index.js'
import { counts, isAvailable } from '../workloads/pod-state.js'

type Owner = Pick<ReplicaSet, 'metadata' | 'status'> & { spec: Pick<ReplicaSet['spec'], 'template' | 'minReadySeconds'> }
type Status = ReplicaSet['status']

export interface Counted {
  active: readonly Pod[]
  /** Absent for kinds that do not count them. */
  terminating?: readonly Pod[]
  now: number
}

export function replicaStatus({ metadata, spec, status }: Owner, { active, terminating, now }: Counted): Status {
  const { template, minReadySeconds = 0 } = spec
  const conditions = (status.conditions ?? []).filter(({ type }) => type !== failure)
  return {
    replicas: active.length,
    ...counts({
      fullyLabeledReplicas: active.filter((pod) => matchesMap(template.metadata?.labels, pod.metadata.labels)).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    }),
    ...(terminating ? { terminatingReplicas: terminating.length } : {}),
    ...counts({ observedGeneration: metadata.generation ?? 0 }),
    ...(conditions.length ? { conditions } : {}),
  }
}

const failure = 'ReplicaFailure'

/** The status after a pod was refused: the first reason is told until pods can be made again. */
export function failedStatus({ metadata, status }: Owner, message: string, now: number): Status {
  const conditions = status.conditions ?? []
  const told = { ...status, ...counts({ observedGeneration: metadata.generation ?? 0 }) }
  if (conditions.some(({ type }) => type === failure)) return told
  const condition = { type: failure, status: 'True', lastTransitionTime: formatTime(now), reason: 'FailedCreate', message }
  return { ...told, conditions: [...conditions, condition] }
}
