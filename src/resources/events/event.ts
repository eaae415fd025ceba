import { event } from '../core/event.js'
import { defineResource } from '../define-resource.js'
import type { Event } from '../shapes/events-v1.js'

export const eventsEvent = defineResource<Event>('events.k8s.io/v1/events', {}, event)
