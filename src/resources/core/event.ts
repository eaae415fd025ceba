import { defineResource } from '../define-resource.js'
import type { Event } from '../shapes/core-v1.js'

export const event = defineResource<Event>('v1/events', {})
