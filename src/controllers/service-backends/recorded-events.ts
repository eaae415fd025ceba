// Events that were recorded about an object. A controller that keeps nothing in mind sees by them what it has said before.
import type { ObjectMeta, Snapshot } from '../../machinery/index.js'
import { type Event, event } from '../../resources/index.js'

/** Events about an object, of these reasons, in the order of their last writing. It looks at all events of the namespace. */
export function eventsAbout({ metadata }: { metadata: ObjectMeta }, reasons: readonly string[], snapshot: Snapshot): Event[] {
  return snapshot
    .list(event, { namespace: metadata.namespace })
    .filter(({ involvedObject, reason }) => involvedObject.uid === metadata.uid && reasons.includes(reason ?? ''))
    .sort((one, other) => revisionOf(one) - revisionOf(other))
}

const revisionOf = ({ metadata }: Event) => Number(metadata.resourceVersion ?? 0)

export function isRecorded(events: readonly Event[], reason: string, message: string): boolean {
  return events.some((event) => event.reason === reason && event.message === message)
}
