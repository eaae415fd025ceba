import { defineResource } from '../define-resource.js'
import type { ResourceQuota } from '../shapes/core-v1.js'

export const resourceQuota = defineResource<ResourceQuota>('v1/resourcequotas', {})
