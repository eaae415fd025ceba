// Upstream: apiextensions-apiserver/pkg/registry/customresourcedefinition/strategy.go, pkg/apis/apiextensions/v1/defaults.go
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { CustomResourceDefinition } from '../shapes/apiextensions-v1.js'
import { immutable, oneOf } from '../workload.js'
import { withOrderedParts } from './json-schema.js'

export const customResourceDefinition = defineResource<CustomResourceDefinition>('apiextensions.k8s.io/v1/customresourcedefinitions', {
  takesAnyFinalizer: true,
  defaults(draft) {
    const { names } = draft.spec
    names.singular ||= names.kind.toLowerCase()
    names.listKind ||= `${names.kind}List`
    const versions = draft.spec.versions?.map((version) => {
      const schema = version.schema?.openAPIV3Schema
      return schema ? { ...version, schema: { ...version.schema, openAPIV3Schema: withOrderedParts(schema) } } : version
    })
    draft.spec = { ...draft.spec, ...(versions && { versions }) }
  },
  prepareForCreate(draft) {
    const storage = draft.spec.versions?.find((version) => version.storage)
    draft.status = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: storage ? [storage.name] : [] }
  },
  validate: (definition) => [...validateName(definition), ...validateSpec(definition)],
  validateUpdate: (definition, old) => [
    ...validateSpec(definition),
    ...immutable('spec.group', definition.spec.group, old.spec.group),
    ...immutable('spec.names.plural', definition.spec.names.plural, old.spec.names.plural),
    ...immutable('spec.scope', definition.spec.scope, old.spec.scope),
  ],
})

function validateName({ metadata: { name = '' }, spec }: CustomResourceDefinition): FieldError[] {
  return name === `${spec.names.plural}.${spec.group}` ? [] : [field.invalid('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

function validateSpec({ spec }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = []
  const versions = spec.versions ?? []
  if (!spec.group) errors.push(field.required('spec.group'))
  else if (!spec.group.includes('.')) errors.push(field.invalid('spec.group', spec.group, 'should be a domain with at least one dot'))
  errors.push(...oneOf('spec.scope', spec.scope, ['Cluster', 'Namespaced']))
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(field.invalid('spec.versions', versions, 'must have exactly one version marked as storage version'))
  }
  versions.forEach((version, index) => {
    if (!version.schema?.openAPIV3Schema) errors.push(field.required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'))
  })
  if (!spec.names.plural) errors.push(field.required('spec.names.plural'))
  if (!spec.names.kind) errors.push(field.required('spec.names.kind'))
  return errors
}
