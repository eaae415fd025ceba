import { defineResource } from '../define-resource.js'
import type { Binding } from '../shapes/core-v1.js'

export const binding = defineResource<Binding>('v1/bindings', {})
