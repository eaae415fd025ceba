// Upstream: pkg/registry/node/runtimeclass/strategy.go, ValidateRuntimeClass, printRuntimeClass
import { field, validateDNSLabel } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { RuntimeClass } from '../shapes/node-v1.js'
import { immutable } from '../workload.js'

export const runtimeClass = defineResource<RuntimeClass>('node.k8s.io/v1/runtimeclasses', {
  metadataChecks: ['whole', 'change'],
  cells: { Handler: ({ handler }) => handler },
  validate: ({ handler }) => validateDNSLabel(handler).map((message) => field.invalid('handler', handler, message)),
  validateUpdate: (runtimeClass, old) => immutable('handler', runtimeClass.handler, old.handler),
})
