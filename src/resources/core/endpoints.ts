import { defineResource } from '../define-resource.js'
import { endpointsCells } from './service-cells.js'
import type { Endpoints } from '../shapes/core-v1.js'

export const endpoints = defineResource<Endpoints>('v1/endpoints', {
  cells: endpointsCells,
})
