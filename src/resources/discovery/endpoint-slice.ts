import { defineResource } from '../define-resource.js'
import { endpointSliceCells } from '../core/service-cells.js'
import type { EndpointSlice } from '../shapes/discovery-v1.js'

export const endpointSlice = defineResource<EndpointSlice>('discovery.k8s.io/v1/endpointslices', {
  cells: endpointSliceCells,
})
