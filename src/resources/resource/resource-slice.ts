import { defineResource } from '../define-resource.js'
import type { ResourceSlice } from '../shapes/resource-v1.js'

export const resourceSlice = defineResource<ResourceSlice>('resource.k8s.io/v1/resourceslices', {
  describeUnsupportedField: (label) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${label}`,
})
