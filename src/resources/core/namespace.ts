// Namespace: a room for names, which goes only when it is empty.
// Upstream: pkg/registry/core/namespace, ValidateNamespace, printNamespace
import {
  type DeleteOptions,
  deepCopy,
  type FieldError,
  field,
  type Status,
  type SubresourceBehaviour,
  status,
  validateFinalizerName,
  validateNameAsLabel,
  validateQualifiedName,
} from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Namespace } from '../shapes/core-v1.js'
import { invalids } from './field-checks.js'

const nameLabel = 'kubernetes.io/metadata.name'
/** Kept by the controller that empties the namespace. */
const contentFinalizer = 'kubernetes'

/** PUT of the whole object, by which finalizers of the spec are taken away. */
const finalize: SubresourceBehaviour<Namespace> = {
  update(draft, old) {
    draft.status = deepCopy(old.status)
    return undefined
  },
  validate: ({ spec }) => (spec.finalizers ?? []).flatMap((finalizer, index) => validateFinalizer(finalizer, `spec.finalizers[${index}]`)),
}

export const namespace = defineResource<Namespace>('v1/namespaces', {
  cells: { Status: ({ status }) => status.phase ?? '' },
  defaults: labelWithName,
  validateName: validateNameAsLabel,
  metadataChecks: ['whole', 'change'],
  subresourceHooks: { finalize },
  prepareForCreate(draft) {
    // The name may have been generated only now.
    labelWithName(draft)
    const finalizers = draft.spec.finalizers ?? []
    draft.spec.finalizers = finalizers.includes(contentFinalizer) ? finalizers : [...finalizers, contentFinalizer]
    draft.status = { phase: 'Active' }
  },
  prepareForUpdate(draft, old) {
    draft.spec = deepCopy(old.spec)
  },
  validate: validateNamespace,
  validateStatusUpdate({ metadata, status }) {
    const [phase, claim] = metadata.deletionTimestamp ? ['Terminating', 'not empty'] : ['Active', 'empty']
    return status.phase === phase ? [] : [field.invalid('status.Phase', status.phase ?? '', `may only be '${phase}' if \`deletionTimestamp\` is ${claim}`)]
  },
  refusesDelete: requirePreconditions,
  prepareForDelete(draft) {
    draft.status.phase = 'Terminating'
  },
  // The first deletion only marks it, whatever its finalizers are.
  keepsDeleted: ({ metadata, spec }) => !metadata.deletionTimestamp || (spec.finalizers?.length ?? 0) > 0,
})

/** Every namespace can be selected by its name. */
function labelWithName({ metadata }: Namespace): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}

function validateNamespace({ spec }: Namespace): FieldError[] {
  return (spec.finalizers ?? []).flatMap((finalizer) => validateFinalizer(finalizer, 'spec.finalizers'))
}

function validateFinalizer(finalizer: string, path: string): FieldError[] {
  return [...invalids(path, finalizer, validateQualifiedName(finalizer)), ...validateFinalizerName(finalizer, path)]
}

/** Namespaces have words of their own for preconditions that do not hold. */
function requirePreconditions({ metadata }: Namespace, { preconditions = {} }: DeleteOptions): Status | undefined {
  const asked = { UID: preconditions.uid, ResourceVersion: preconditions.resourceVersion }
  const found = { UID: metadata.uid, ResourceVersion: metadata.resourceVersion }
  for (const what of ['UID', 'ResourceVersion'] as const) {
    if (asked[what] === undefined || asked[what] === found[what]) continue
    const cause = `Precondition failed: ${what} in precondition: ${asked[what]}, ${what} in object meta: ${found[what]}`
    return status.conflict({ group: '', resource: 'namespaces' }, metadata.name ?? '', cause)
  }
  return undefined
}
