// Events that were recorded about an object. A controller that keeps nothing in mind sees by them what it has said before.
import { defineIndex, type ObjectMeta, type Snapshot } from '../../machinery/index.js'
import { type Event, event } from '../../resources/index.js'

/** By the uid of the Service, or of the Endpoints, that they are about. */
const eventsByObject = defineIndex<Event>({
  definition: event,
  values: ({ involvedObject: { kind, uid } }) => (uid && (kind === 'Service' || kind === 'Endpoints') ? [uid] : []),
})

/** Events about a Service or Endpoints, of these reasons, in the order of their last writing. */
export function eventsAbout({ metadata: { namespace, uid = '' } }: { metadata: ObjectMeta }, reasons: readonly string[], snapshot: Snapshot): Event[] {
  return snapshot
    .find(eventsByObject, uid)
    .filter(({ metadata, reason }) => metadata.namespace === namespace && reasons.includes(reason ?? ''))
    .sort((one, other) => revisionOf(one) - revisionOf(other))
}

const revisionOf = ({ metadata }: Event) => Number(metadata.resourceVersion ?? 0)

export function isRecorded(events: readonly Event[], reason: string, message: string): boolean {
  return events.some((event) => event.reason === reason && event.message === message)
}
