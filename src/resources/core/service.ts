import { defineResource } from '../define-resource.js'
import { serviceCells } from './service-cells.js'
import { defaultService } from './service-defaults.js'
import type { Service } from '../shapes/core-v1.js'

export const service = defineResource<Service>('v1/services', {
  cells: serviceCells,
  defaults: defaultService,
})
