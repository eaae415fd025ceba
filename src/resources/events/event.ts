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

function toStored(event: Event): Stored {
  const { apiVersion: _, regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...common } = event
  const { reportingController = '', reportingInstance = '', ...rest } = common
  return {
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding,
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController,
    reportingInstance,
  }
}

function fromStored({ apiVersion: _, involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest }: Stored): Event {
  const { series, ...common } = rest
  return {
    ...common,
    apiVersion: 'events.k8s.io/v1',
    ...(series ? { series: { ...series, count: series.count ?? 0 } } : {}),
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    reportingController: reportingComponent,
  }
}
