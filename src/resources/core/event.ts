// Event: what happened to an object, told by whoever did it. Both API groups are one storage, which has this form.
// Upstream: pkg/registry/core/event/strategy.go, printEvent
import { validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Event } from '../shapes/core-v1.js'
import { eventCells } from './event-cells.js'
import { validateEvent } from './event-validation.js'

export const event = defineResource<Event>('v1/events', {
  cells: eventCells<Event>((event) => event),
  selectableFields: { source: ({ source, reportingComponent }) => source.component || reportingComponent || '' },
  // The older group is as lenient as it always was: only what all objects must keep is asked of metadata.
  validateName: validatePathSegment,
  metadataChecks: [],
  takesAnyFinalizer: true,
  validate: (event) => validateEvent(event, 'reportingComponent'),
})
