// What workloads ask of their pods: whether they count, whether they can serve, and since when.
// Upstream: pkg/controller/controller_utils.go FilterActivePods, pkg/api/v1/pod/util.go IsPodAvailable
import { isReady, type Pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'

export function isTerminating({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined
}

export function isActive(pod: Pod): boolean {
  return !isTerminal(pod) && !isTerminating(pod)
}

/** Milliseconds since the epoch; infinite for a pod that is not ready. */
export function readySince({ status }: Pod): number {
  const ready = status?.conditions?.find(({ type, status: value }) => type === 'Ready' && value === 'True')
  return ready?.lastTransitionTime ? Date.parse(ready.lastTransitionTime) : Number.POSITIVE_INFINITY
}

/** When a ready pod has been so for long enough. Milliseconds since the epoch. */
export function availableFrom(pod: Pod, minReadySeconds: number): number {
  return readySince(pod) + minReadySeconds * 1000
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return isReady(pod) && (minReadySeconds === 0 || availableFrom(pod, minReadySeconds) <= now)
}

/** How long until the next of them becomes available by time alone. */
export function nextAvailabilityMillis(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  if (minReadySeconds === 0) return undefined
  let next = Number.POSITIVE_INFINITY
  for (const pod of pods) {
    const due = isReady(pod) ? availableFrom(pod, minReadySeconds) : Number.POSITIVE_INFINITY
    if (due > now) next = Math.min(next, due)
  }
  return Number.isFinite(next) ? next - now : undefined
}

/** Members of a status without the zeros that the API leaves out. */
export function counts<T extends Record<string, number>>(numbers: T): Partial<T> {
  return Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== 0)) as Partial<T>
}
