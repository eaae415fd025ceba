import { defineResource } from '../define-resource.js'
import type { ResourceSlice } from '../shapes/resource-v1.js'

export const resourceSlice = defineResource<ResourceSlice>('resource.k8s.io/v1/resourceslices', {
  cells: {
    Node: ({ spec }) => spec.nodeName ?? '',
    Driver: ({ spec }) => spec.driver,
    Pool: ({ spec }) => spec.pool.name,
  },
  describeUnsupportedField: (label) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${label}`,
})
