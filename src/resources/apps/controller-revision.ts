// Upstream: pkg/registry/apps/controllerrevision/strategy.go, ValidateControllerRevision, printControllerRevision
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ControllerRevision } from '../shapes/apps-v1.js'
import { immutable, nonNegative } from '../workload.js'

export const controllerRevision = defineResource<ControllerRevision>('apps/v1/controllerrevisions', {
  metadataChecks: ['change', 'whole'],
  cells: {
    Controller: controllerText,
    Revision: ({ revision }) => revision,
  },
  validate: validateContent,
  validateUpdate: (revision, old) => [...validateContent(revision), ...immutable('data', revision.data, old.data)],
})

/** `statefulset.apps/web`, or `<none>`. */
function controllerText({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner) return '<none>'
  const [group] = owner.apiVersion.includes('/') ? owner.apiVersion.split('/') : ['']
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ''}/${owner.name}`
}

function validateContent({ revision, data }: ControllerRevision): FieldError[] {
  const errors = nonNegative('revision', revision)
  if (data === undefined || data === null) errors.push(field.required('data', 'data is mandatory'))
  return errors
}
