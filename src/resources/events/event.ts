import { event } from '../core/event.js'
import { type EventView, eventCells } from '../core/event-cells.js'
import { defineResource } from '../define-resource.js'
import type { Event } from '../shapes/events-v1.js'

export const eventsEvent = defineResource<Event>('events.k8s.io/v1/events', {
  cells: eventCells<Event>(coreView),
}, event)

/** The same Event under the names of the older group. */
function coreView(event: Event): EventView {
  return {
    ...event,
    involvedObject: event.regarding,
    message: event.note,
    source: event.deprecatedSource,
    reportingComponent: event.reportingController,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
  }
}
