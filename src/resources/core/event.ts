import { defineResource } from '../define-resource.js'
import type { Event } from '../shapes/core-v1.js'
import { eventCells } from './event-cells.js'

export const event = defineResource<Event>('v1/events', {
  cells: eventCells<Event>((event) => event),
  selectableFields: { source: ({ source, reportingComponent }) => source.component || reportingComponent || '' },
})
