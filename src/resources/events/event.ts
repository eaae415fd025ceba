// Event as events.k8s.io shows it: the same stored object under newer names, with stricter rules.
// Upstream: pkg/apis/events/v1/conversion.go, pkg/registry/core/event/strategy.go
import { type ResourceDefinition, recanonicalize } from '../../machinery/index.js'
import { event } from '../core/event.js'
import { eventCells } from '../core/event-cells.js'
import { validateEvent, validateStrictEvent, validateStrictEventChange } from '../core/event-validation.js'
import { defineResource } from '../define-resource.js'
import type { Event as Stored } from '../shapes/core-v1.js'
import type { Event } from '../shapes/events-v1.js'

export const eventsEvent: ResourceDefinition<Event> = defineResource<Event>(
  'events.k8s.io/v1/events',
  {
    cells: eventCells<Event>(toStored),
    validate(event) {
      const stored = toStored(event)
      return [...validateEvent(stored, controllerField), ...validateStrictEvent(stored)]
    },
    validateUpdate(next, old) {
      const stored = toStored(next)
      return [...validateEvent(stored, controllerField), ...validateStrictEventChange(stored, toStored(old))]
    },
    convert: {
      toStored,
      fromStored: (stored) => recanonicalize(eventsEvent.shape, fromStored(stored as Stored)) as unknown as Event,
    },
  },
  event,
)

const controllerField = 'reportingController'

// Member by member: there are more Events than anything else.
function toStored(event: Event): Stored {
  return {
    kind: event.kind,
    apiVersion: 'v1',
    metadata: event.metadata,
    involvedObject: event.regarding,
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource,
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime,
    series: event.series,
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  } as Stored
}

function fromStored(stored: Stored): Event {
  return {
    kind: stored.kind,
    apiVersion: 'events.k8s.io/v1',
    metadata: stored.metadata,
    eventTime: stored.eventTime,
    series: stored.series && { ...stored.series, count: stored.series.count ?? 0 },
    reportingController: stored.reportingComponent,
    reportingInstance: stored.reportingInstance,
    action: stored.action,
    reason: stored.reason,
    regarding: stored.involvedObject,
    related: stored.related,
    note: stored.message,
    type: stored.type,
    deprecatedSource: stored.source,
    deprecatedFirstTimestamp: stored.firstTimestamp,
    deprecatedLastTimestamp: stored.lastTimestamp,
    deprecatedCount: stored.count,
  } as Event
}
