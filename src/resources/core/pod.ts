import { defineResource } from '../define-resource.js'
import type { Pod } from '../shapes/core-v1.js'

export const pod = defineResource<Pod>('v1/pods', {})
