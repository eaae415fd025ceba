// PUT, and the second half of PATCH: a new state for an object that exists.
// Upstream: apiserver/pkg/endpoints/handlers/update.go, apiserver/pkg/registry/generic/registry/store.go Update
import {
  type CompanionWrite,
  deepEqual,
  type FieldError,
  field,
  type KubeObject,
  type Plain,
  type ResourceDefinition,
  recanonicalize,
  type SubresourceContext,
  sharingEqualMembers,
  status,
  validateMetadata,
} from '../machinery/index.js'
import type { Stored } from '../storage/index.js'
import { admitAllocation, admitPlugins } from './admit.js'
import { answerOf, commit, deletionOf, prepareCompanions, toStored } from './commit.js'
import { createDraft, type DraftOrigin, metadataRules } from './create.js'
import { decodeObject } from './decode.js'
import { ownersAfter } from './field-ownership.js'
import { bumpGeneration, dropRepeatedOwners, pendingResourceVersion, requireStorable, restoreForUpdate, settleIdentity } from './metadata.js'
import { type Answer, type Body, objectOf, qualifiedKind, qualifiedResource, type Realm, refuse, snapshotOf, type WriteCall } from './realm.js'

/** @throws {StatusError} */
export function update(realm: Realm, call: WriteCall, body: Body): Answer {
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  const before = stored && objectOf(definition, stored)
  const draft = decodeObject(definition, body, call, before)
  settleIdentity(call, draft.metadata)
  dropRepeatedOwners(draft.metadata, call.warn)
  if (stored) {
    requireUID(call, draft, objectOf(definition, stored))
    return updateDraft(realm, call, stored, draft, body)
  }
  if (!definition.createOnUpdate || call.subresource) refuse(status.notFound(qualifiedResource(definition), call.name))
  return createByUpdate(realm, call, draft, body)
}

function createByUpdate(realm: Realm, call: WriteCall, draft: KubeObject, origin: DraftOrigin): Answer {
  const { uid, resourceVersion } = draft.metadata
  if (uid) refuse(uidConflict(call, uid, ''))
  if (resourceVersion && resourceVersion !== '0') refuse(status.notFound(qualifiedResource(call.definition), call.name))
  delete draft.metadata.resourceVersion
  return createDraft(realm, call, draft, origin)
}

/** A draft in canonical form, whatever made it, becomes the object's new state. */
export function updateDraft(realm: Realm, call: WriteCall, stored: Stored, draft: KubeObject, { managedFieldsOf, isSmall }: DraftOrigin = {}): Answer {
  const { definition, subresource } = call
  const old = objectOf(definition, stored)
  const context = { now: realm.now(), user: call.user }
  const dryRun = call.options.dryRun === true
  const given = draft.metadata.managedFields
  settleIdentity(call, draft.metadata)
  requireVersion(call, draft, old)
  restoreForUpdate(draft.metadata, old.metadata)
  const hooks = definition.subresourceHooks?.[subresource]
  const subresourceContext = () => subresourceContextOf(realm, call)
  const errors: FieldError[] = []
  const next = subresource ? throughSubresource(definition, subresource, draft, old, subresourceContext, errors) : withOldStatus(definition, draft, old)
  if (old.metadata.managedFields) next.metadata.managedFields = old.metadata.managedFields
  else delete next.metadata.managedFields
  realm.fillDefaults(definition, next, context, old)
  if (!isSmall) requireStorable(next, old)
  const entries = managedFieldsOf ? managedFieldsOf(next) : ownersAfter(realm, call, { live: old, next, incoming: given })
  const companions = admitPlugins(realm, call, { operation: 'UPDATE', object: next, old, dryRun })
  dropRepeatedOwners(next.metadata, call.warn, ' after mutating admission happens')
  const allocations = admitAllocation(realm, call, { operation: 'UPDATE', object: next, old, dryRun })
  const isWhole = !subresource || subresource === 'scale'
  if (isWhole) definition.prepareForUpdate?.(next, old, context)
  if (isWhole || hooks?.bumpsGeneration) bumpGeneration(definition, next, old)
  const object = recanonicalize(definition.shape, sharingEqualMembers(old, next), old) as KubeObject
  errors.push(...validateMetadata(object.metadata, metadataRules(definition, subresource), old.metadata))
  errors.push(...validateChange(definition, subresource, object, old, context, subresourceContext))
  if (errors.length) refuse(status.invalid(qualifiedKind(definition), call.name, errors))
  if (subresource !== 'status') for (const warning of definition.warnings?.(object, old) ?? []) call.warn(warning)
  if (entries?.length) object.metadata.managedFields = entries
  else delete object.metadata.managedFields
  return settle(realm, call, stored, old, object, { companions, allocations })
}

interface Beside {
  /** Of plugins. */
  companions: CompanionWrite[]
  /** What the new state takes and gives back. */
  allocations: CompanionWrite[]
}

/** Writes the new state, unless it is the old one, or removes an object that nothing keeps any longer. */
function settle(realm: Realm, call: WriteCall, stored: Stored, old: KubeObject, object: KubeObject, { companions, allocations }: Beside): Answer {
  const { definition } = call
  if (isUnchanged(object, old)) return answerOf(definition, stored, 200)
  if (call.options.dryRun) {
    object.metadata.resourceVersion = old.metadata.resourceVersion
    return { code: 200, object }
  }
  if (isRemovable(definition, object)) {
    // All that the old state held is given back; the new state never comes to be and takes nothing.
    const releases = admitAllocation(realm, call, { operation: 'DELETE', object, old, dryRun: false })
    commit(realm, [...prepareCompanions(realm, [...companions, ...releases]), deletionOf(definition, stored.object)])
    // Watchers see the state that was stored last. The answer shows what was asked for, at the revision of that state.
    // Upstream: store.go deleteWithoutFinalizers
    object.metadata.resourceVersion = old.metadata.resourceVersion
    return { code: 200, object }
  }
  const prepared = prepareCompanions(realm, [...companions, ...allocations])
  return answerOf(definition, commit(realm, [...prepared, { type: 'MODIFIED', definition, object: toStored(definition, object) }]), 200)
}

/** A deleting object goes with its last finalizer. */
export function isRemovable(definition: ResourceDefinition, object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  return deletionTimestamp !== undefined && !finalizers?.length && !deletionGracePeriodSeconds && !definition.keepsDeleted?.(object)
}

// Times of managed fields alone are no change.
function isUnchanged(object: KubeObject, old: KubeObject): boolean {
  for (const key of Object.keys(object) as (keyof KubeObject)[]) {
    if (key !== 'metadata' && !deepEqual(object[key], old[key])) return false
  }
  if (Object.keys(old).length !== Object.keys(object).length) return false
  return deepEqual(withoutTimes(object), withoutTimes(old))
}

function withoutTimes({ metadata }: KubeObject): Plain {
  return { ...metadata, resourceVersion: pendingResourceVersion, managedFields: metadata.managedFields?.map(({ time: _time, ...entry }) => entry) }
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again'

function requireVersion(call: WriteCall, draft: KubeObject, old: KubeObject): void {
  const { resourceVersion } = draft.metadata
  const resource = qualifiedResource(call.definition)
  if (!resourceVersion || resourceVersion === '0') {
    if (call.definition.unconditionalUpdate === false) {
      refuse(status.invalid(resource, call.name, [field.invalid('metadata.resourceVersion', 0, 'must be specified for an update')]))
    }
    return
  }
  if (resourceVersion !== old.metadata.resourceVersion) refuse(status.conflict(resource, call.name, modified))
}

/** A uid in the new state says which object is meant. */
export function requireUID(call: WriteCall, { metadata: { uid } }: KubeObject, old: KubeObject): void {
  if (uid && uid !== old.metadata.uid) refuse(uidConflict(call, uid, old.metadata.uid ?? ''))
}

function uidConflict(call: WriteCall, asked: string, found: string) {
  const path = ['/registry', call.definition.plural, call.namespace, call.name].filter(Boolean).join('/')
  const cause = `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${found}`
  return status.conflict(qualifiedResource(call.definition), call.name, cause)
}

function withOldStatus(definition: ResourceDefinition, draft: KubeObject, old: KubeObject): KubeObject {
  if (definition.statusSubresource) setOrDrop(draft, 'status', (old as Plain).status)
  return draft
}

function throughSubresource(
  definition: ResourceDefinition,
  subresource: string,
  draft: KubeObject,
  old: KubeObject,
  context: () => SubresourceContext,
  errors: FieldError[],
): KubeObject {
  const hooks = definition.subresourceHooks?.[subresource]
  const next = subresource === 'status' ? withNewStatus(definition, draft, old) : draft
  if (hooks?.update) errors.push(...(hooks.update(next, old, context()) ?? []))
  return next
}

// What a write of /status may change beside the status is data of the kind.
function withNewStatus(definition: ResourceDefinition, draft: KubeObject, old: KubeObject): KubeObject {
  const next = { ...old, metadata: { ...old.metadata } }
  setOrDrop(next, 'status', (draft as Plain).status)
  const { labels, annotations } = definition.statusWrites ?? { labels: false, annotations: false }
  if (labels) next.metadata = draft.metadata
  else if (annotations) setOrDrop(next.metadata, 'annotations', draft.metadata.annotations)
  next.metadata.resourceVersion = pendingResourceVersion
  return next
}

function setOrDrop(target: Plain, key: string, value: unknown): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}

function validateChange(
  definition: ResourceDefinition,
  subresource: string,
  object: KubeObject,
  old: KubeObject,
  context: { now: number; user: WriteCall['user'] },
  subresourceContext: () => SubresourceContext,
): FieldError[] {
  const hooks = definition.subresourceHooks?.[subresource]
  if (subresource === 'status') return definition.validateStatusUpdate?.(object, old, context) ?? []
  if (subresource && subresource !== 'scale') return hooks?.validate?.(object, old, subresourceContext()) ?? []
  return definition.validateUpdate?.(object, old, context) ?? definition.validate?.(object, context) ?? []
}

export function subresourceContextOf(realm: Realm, call: WriteCall): SubresourceContext {
  return {
    now: realm.now(),
    user: call.user,
    snapshot: snapshotOf(realm),
    random: realm.randomFor(`${call.definition.storedAs.key}/${call.namespace}/${call.name}/${call.subresource}`),
    dryRun: call.options.dryRun === true,
    issueToken: realm.issueToken,
    issuer: realm.issuer,
    warn: call.warn,
  }
}
