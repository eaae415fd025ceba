import { defineResource } from '../define-resource.js'
import type { Service } from '../shapes/core-v1.js'

export const service = defineResource<Service>('v1/services', {})
