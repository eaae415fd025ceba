// One condition more in a pod's status, by those who are not its kubelet.
import { formatTime } from '../machinery/index.js'
import type { Pod, PodCondition, PodStatus } from '../resources/index.js'

/** @param now milliseconds since the epoch */
export function withCondition({ status = {}, metadata }: Pod, verdict: Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>, now: number): PodStatus {
  const conditions = status.conditions ?? []
  const index = conditions.findIndex(({ type }) => type === verdict.type)
  const before = conditions[index]
  const { type, status: value, reason, message } = verdict
  const condition: PodCondition = {
    type,
    ...(metadata.generation ? { observedGeneration: metadata.generation } : {}),
    status: value,
    lastProbeTime: null,
    lastTransitionTime: before?.status === value ? before.lastTransitionTime : formatTime(now),
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  }
  return { ...status, conditions: index < 0 ? [...conditions, condition] : conditions.with(index, condition) }
}
