// What is wrong with the metadata of an object, new or changed.
// Upstream: apimachinery/pkg/api/validation/objectmeta.go, apimachinery/pkg/apis/meta/v1/validation, ValidateObjectMeta of pkg/apis/core/validation
import { byteLength } from './byte-length.js'
import { deepEqual } from './equality.js'
import { type FieldError, field } from './field-error.js'
import { validateLabelKey, validateLabelValue, validateQualifiedName } from './label-syntax.js'
import { validateNameAsLabel, validateNameAsSubdomain, validatePathSegment } from './name-syntax.js'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from './object.js'

export interface MetadataRules {
  namespaced: boolean
  /** The rule of RFC 1123 subdomains by default. */
  validateName?(name: string, prefix: boolean): string[]
  /** What the kind checks on update beside what is common. */
  metadataChecks?: readonly MetadataCheck[]
  /** Finalizers need no domain. */
  takesAnyFinalizer?: boolean
}

/** Either what an update may do, or the rules of creation once more. */
export type MetadataCheck = 'change' | 'whole'

/** Keys and values of all annotations together. */
export const annotationBytesMax = 256 * 1024

/** All errors, as often as upstream lists them: causes repeat where several layers check the same. @param old what is to be replaced; absent on create */
export function validateMetadata(metadata: ObjectMeta, rules: MetadataRules, old?: ObjectMeta): FieldError[] {
  const { namespaced, metadataChecks = ['change'] } = rules
  // Looked at once, however often it is told.
  const content: Content = {
    ofMaps: hasMapsOf(metadata, old) ? [] : validateMaps(metadata),
    ofManagers: old && metadata.managedFields === old.managedFields ? [] : validateManagedFields(metadata.managedFields),
  }
  const ofNames = validateFinalizerNames(metadata, rules)
  const checkWhole = () => [...validateAny(metadata, rules, content), ...ofNames]
  if (!old) return checkWhole()
  const common = validateAny(metadata, { namespaced, validateName: validatePathSegment }, content)
  const change = validateChange(metadata, old, content)
  return [...common, ...change, ...metadataChecks.flatMap((check) => (check === 'whole' ? checkWhole() : [...change, ...ofNames]))]
}

interface Content {
  ofMaps: FieldError[]
  ofManagers: FieldError[]
}

function validateAny(
  metadata: ObjectMeta,
  { namespaced, validateName = validateNameAsSubdomain }: MetadataRules,
  { ofMaps, ofManagers }: Content,
): FieldError[] {
  const { name, generateName, generation = 0 } = metadata
  const errors: FieldError[] = []
  if (generateName) for (const message of validateName(generateName, true)) errors.push(field.invalid('metadata.generateName', generateName, message))
  if (!name) errors.push(field.required('metadata.name', 'name or generateName is required'))
  else for (const message of validateName(name, false)) errors.push(field.invalid('metadata.name', name, message))
  errors.push(...validateNamespace(metadata.namespace, namespaced))
  if (generation < 0) errors.push(field.invalid('metadata.generation', generation, 'must be greater than or equal to 0'))
  errors.push(...ofMaps, ...validateFinalizers(metadata.finalizers), ...ofManagers)
  return errors
}

function validateNamespace(namespace: string | undefined, namespaced: boolean): FieldError[] {
  if (!namespaced) return namespace ? [field.forbidden('metadata.namespace', 'not allowed on this type')] : []
  if (!namespace) return [field.required('metadata.namespace')]
  return validateNameAsLabel(namespace, false).map((message) => field.invalid('metadata.namespace', namespace, message))
}

/** Whether they are the very ones of the old state: what is stored was judged when it was stored. */
function hasMapsOf(metadata: ObjectMeta, old: ObjectMeta | undefined): boolean {
  if (!old) return false
  const { labels, annotations, ownerReferences } = metadata
  return labels === old.labels && annotations === old.annotations && ownerReferences === old.ownerReferences
}

function validateMaps({ labels, annotations, ownerReferences }: ObjectMeta): FieldError[] {
  if (!labels && !annotations && !ownerReferences) return []
  return [
    ...validateLabels(labels, 'metadata.labels'),
    ...validateAnnotations(annotations, 'metadata.annotations'),
    ...validateOwnerReferences(ownerReferences, 'metadata.ownerReferences'),
  ]
}

const immutableFields = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const

function validateChange(metadata: ObjectMeta, old: ObjectMeta, { ofMaps, ofManagers }: Content): FieldError[] {
  const errors: FieldError[] = []
  if (old.deletionTimestamp) errors.push(...refuseNewFinalizers(metadata.finalizers ?? [], old.finalizers ?? []))
  const { resourceVersion, generation = 0 } = metadata
  if (!resourceVersion) errors.push(field.invalid('metadata.resourceVersion', '', 'must be specified for an update'))
  if (generation < (old.generation ?? 0)) errors.push(field.invalid('metadata.generation', generation, 'must not be decremented'))
  for (const name of immutableFields) {
    if (!deepEqual(metadata[name], old[name])) errors.push(field.invalid(`metadata.${name}`, metadata[name], 'field is immutable'))
  }
  errors.push(...ofMaps, ...ofManagers)
  return errors
}

function refuseNewFinalizers(finalizers: readonly string[], old: readonly string[]): FieldError[] {
  const known = new Set(old)
  const added = [...new Set(finalizers.filter((finalizer) => !known.has(finalizer)))].sort()
  if (!added.length) return []
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ')
  return [field.forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`)]
}

export function validateLabels(labels: Readonly<Record<string, string>> | null | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const key in labels) {
    const value = labels[key]
    for (const message of validateLabelKey(key)) errors.push(field.invalid(path, key, message))
    for (const message of validateLabelValue(value)) errors.push(field.invalid(path, value, message))
  }
  return errors
}

export function validateAnnotations(annotations: Readonly<Record<string, string>> | null | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in annotations) {
    for (const message of validateQualifiedName(key.toLowerCase())) errors.push(field.invalid(path, key, message))
    bytes += byteLength(key) + byteLength(annotations[key])
  }
  if (bytes > annotationBytesMax) errors.push(field.tooLong(path, annotationBytesMax))
  return errors
}

/** `path` is that of the list: upstream names no index here. */
export function validateOwnerReferences(references: readonly OwnerReference[] | null | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  let controller = ''
  for (const reference of references ?? []) {
    errors.push(...validateOwnerReference(reference, path))
    if (!reference.controller) continue
    const name = `${reference.kind}/${reference.name}`
    if (controller) errors.push(field.invalid(path, references, severalControllers(controller, name)))
    else controller = name
  }
  return errors
}

function severalControllers(first: string, other: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${other}`
}

function validateOwnerReference(reference: OwnerReference, path: string): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference
  const errors: FieldError[] = []
  if (!versionOf(apiVersion)) errors.push(field.invalid(`${path}.apiVersion`, apiVersion, 'version must not be empty'))
  if (!kind) errors.push(field.invalid(`${path}.kind`, kind, 'must not be empty'))
  if (!name) errors.push(field.invalid(`${path}.name`, name, 'must not be empty'))
  if (!uid) errors.push(field.invalid(`${path}.uid`, uid, 'must not be empty'))
  // Events come and go by the thousand; nothing may depend on one.
  if (apiVersion === 'v1' && kind === 'Event') errors.push(field.invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  return errors
}

function versionOf(apiVersion: string): string {
  const parts = apiVersion.split('/')
  return parts.length > 2 ? '' : parts[parts.length - 1]
}

function validateFinalizers(finalizers: readonly string[] | undefined): FieldError[] {
  if (!finalizers?.length) return []
  const errors = finalizers.flatMap((finalizer) => validateQualifiedName(finalizer).map((message) => field.invalid('metadata.finalizers', finalizer, message)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(field.invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  return errors
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion']

/** A finalizer names whose it is, unless Kubernetes itself knows it. */
export function validateFinalizerName(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || standardFinalizers.includes(finalizer)) return []
  return [field.invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]
}

function validateFinalizerNames({ finalizers }: ObjectMeta, { takesAnyFinalizer }: MetadataRules): FieldError[] {
  if (!finalizers || takesAnyFinalizer) return []
  return finalizers.flatMap((finalizer, index) => validateFinalizerName(finalizer, `metadata.finalizers[${index}]`))
}

const managerBytesMax = 128
const subresourceBytesMax = 256
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined): FieldError[] {
  return entries?.flatMap((entry, index) => validateManagedFieldsEntry(entry, `metadata.managedFields[${index}]`)) ?? []
}

function validateManagedFieldsEntry({ operation, fieldsType, manager = '', subresource = '' }: ManagedFieldsEntry, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operation !== 'Apply' && operation !== 'Update') errors.push(field.invalid(`${path}.operation`, operation ?? '', 'must be `Apply` or `Update`'))
  if (fieldsType && fieldsType !== 'FieldsV1') errors.push(field.invalid(`${path}.fieldsType`, fieldsType, 'must be `FieldsV1`'))
  if (byteLength(manager) > managerBytesMax) errors.push(field.tooLong(`${path}.manager`, managerBytesMax))
  if (unprintable.test(manager)) errors.push(...refuseUnprintable(manager, `${path}.manager`))
  if (byteLength(subresource) > subresourceBytesMax) errors.push(field.tooLong(`${path}.subresource`, subresourceBytesMax))
  return errors
}

function refuseUnprintable(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  let position = 0
  for (const character of manager) {
    const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
    if (unprintable.test(character)) errors.push(field.invalid(path, manager, `invalid character U+${code} (at position ${position})`))
    position += byteLength(character)
  }
  return errors
}
