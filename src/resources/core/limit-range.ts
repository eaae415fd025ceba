import { defineResource } from '../define-resource.js'
import type { LimitRange } from '../shapes/core-v1.js'

export const limitRange = defineResource<LimitRange>('v1/limitranges', {})
