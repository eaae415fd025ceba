// Upstream: pkg/registry/networking/ingressclass/strategy.go, ValidateIngressClass, printIngressClass
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { IngressClass, IngressClassParametersReference } from '../shapes/networking-v1.js'
import { immutable } from '../workload.js'

export const ingressClass = defineResource<IngressClass>('networking.k8s.io/v1/ingressclasses', {
  metadataChecks: ['change', 'whole'],
  cells: {
    Controller: ({ spec }) => spec.controller ?? '',
    Parameters: ({ spec: { parameters } }) =>
      parameters ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}` : '<none>',
  },
  validate: validateSpec,
  validateUpdate: (ingressClass, old) => [...immutable('spec.controller', ingressClass.spec.controller, old.spec.controller), ...validateSpec(ingressClass)],
})

function validateSpec({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.controller) errors.push(field.required('spec.controller'))
  if (spec.parameters) errors.push(...validateParameters(spec.parameters, 'spec.parameters'))
  return errors
}

function validateParameters({ kind, name, scope, namespace }: IngressClassParametersReference, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!kind) errors.push(field.required(`${path}.kind`))
  if (!name) errors.push(field.required(`${path}.name`))
  if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(field.notSupported(`${path}.scope`, scope ?? '', ['Cluster', 'Namespace']))
  if (scope === 'Namespace' && !namespace) errors.push(field.required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  if (scope === 'Cluster' && namespace !== undefined) errors.push(field.forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  return errors
}
