// Trigger time: when that happened which made endpoints change, so that one can measure how long the news took.
// Upstream: endpointslice/util/trigger_time_tracker.go
// Differs: upstream remembers what it saw at its last look; here it is what the endpoints that stand say of their pods. So
// it survives a restart, but endpoints that somebody deleted are told as those of a new Service.
import type { Backend } from './backend.js'

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/**
 * The earliest of the times at which a backend that has news became ready or stopped being so.
 * @param wasReady what the endpoints say: absent for a pod they do not know
 */
export function triggerTimeOf(backends: Iterable<Backend>, wasReady: (backend: Backend) => boolean | undefined): string | undefined {
  let earliest: string | undefined
  for (const backend of backends) {
    const { readyChanged, isReady } = backend
    if (readyChanged === undefined || (earliest !== undefined && readyChanged >= earliest) || wasReady(backend) === isReady) continue
    earliest = readyChanged
  }
  return earliest
}

/** Annotations with this trigger time, or without any. */
export function withTriggerTime(annotations: Readonly<Record<string, string>> | undefined, time: string | undefined): Record<string, string> | undefined {
  const { [triggerTimeAnnotation]: _old, ...others } = annotations ?? {}
  const changed = time === undefined ? others : { ...others, [triggerTimeAnnotation]: time }
  return Object.keys(changed).length ? changed : undefined
}
