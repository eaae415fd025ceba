// Service: one name and address for many pods. Its addresses and ports are given out by the allocation steps of admission.
// Upstream: pkg/registry/core/service/strategy.go
import { validateNameAsDNS1035Label } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Service } from '../shapes/core-v1.js'
import { serviceCells } from './service-cells.js'
import { dropTypeDependentFields, hideInternalPolicy } from './service-change.js'
import { defaultService } from './service-defaults.js'
import { validateService, validateServiceStatus, validateServiceUpdate } from './service-validation.js'
import { serviceWarnings } from './service-warnings.js'

export const service = defineResource<Service>('v1/services', {
  cells: serviceCells,
  defaults: defaultService,
  prepareForCreate: hideInternalPolicy,
  prepareForUpdate: dropTypeDependentFields,
  validateName: validateNameAsDNS1035Label,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
})
