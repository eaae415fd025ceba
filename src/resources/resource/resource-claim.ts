import { defineResource } from '../define-resource.js'
import type { ResourceClaim } from '../shapes/resource-v1.js'

export const resourceClaim = defineResource<ResourceClaim>('resource.k8s.io/v1/resourceclaims', {})
