// POST: a new object, from body to log.
// Upstream: apiserver/pkg/endpoints/handlers/create.go, apiserver/pkg/registry/generic/registry/store.go Create
import {
  type FieldError,
  field,
  isStatus,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type Plain,
  type ResourceDefinition,
  recanonicalize,
  status,
  validateMetadata,
} from '../machinery/index.js'
import { admitAllocation, admitPlugins } from './admit.js'
import { answerOf, commit, prepareCompanions, toStored } from './commit.js'
import { decodeObject } from './decode.js'
import { ownersAfter } from './field-ownership.js'
import { dropRepeatedOwners, fillForCreate, requireStorable, resetForCreate, settleNamespace } from './metadata.js'
import { type Answer, type Body, qualifiedKind, qualifiedResource, type Realm, randomOf, refuse, type WriteCall } from './realm.js'
import { createSubresource } from './subresource.js'

/** @throws {StatusError} */
export function create(realm: Realm, call: WriteCall, body: Body): Answer {
  const draft = decodeObject(call.definition, body, call)
  if (call.definition.review) return review(realm, call, draft)
  const { createsThrough: through } = call.definition
  if (through) return createSubresource(realm, { ...call, ...through, name: draft.metadata.name ?? '' }, body, call.definition)
  dropRepeatedOwners(draft.metadata, call.warn)
  return createDraft(realm, call, draft, body)
}

/** How a draft came to be, where that makes a difference. */
export interface DraftOrigin extends Pick<Body, 'isSmall'> {
  /** Managed fields of an object that does not come from a plain write: of server-side apply. */
  managedFieldsOf?(next: KubeObject): ManagedFieldsEntry[] | undefined
}

/** A draft in canonical form becomes an object. */
export function createDraft(realm: Realm, call: WriteCall, draft: KubeObject, { managedFieldsOf, isSmall }: DraftOrigin): Answer {
  const { definition } = call
  const { meta, now } = { meta: draft.metadata, now: realm.now() }
  const context = { now, user: call.user }
  const dryRun = call.options.dryRun === true
  const given = draft.metadata.managedFields
  delete meta.managedFields
  settleNamespace(definition, meta, call.namespace)
  resetForCreate(meta)
  if (definition.statusSubresource && !definition.keepsStatusOnCreate) delete (draft as Plain).status
  if (!isSmall) requireStorable(draft)
  realm.fillDefaults(definition, draft, context)
  if (!isSmall) requireStorable(draft)
  // What admission and the kind itself add belongs to nobody.
  const entries = managedFieldsOf ? managedFieldsOf(draft) : ownersAfter(realm, call, { live: undefined, next: draft, incoming: given })
  const companions = admitPlugins(realm, call, { operation: 'CREATE', object: draft, dryRun })
  dropRepeatedOwners(meta, call.warn, ' after mutating admission happens')
  const isTaken = (name: string) => realm.store.get(definition.storedAs.key, { namespace: meta.namespace ?? '', name }) !== undefined
  requireName(definition, meta)
  fillForCreate(definition, meta, { random: randomOf(realm, definition, meta), now, isTaken })
  companions.push(...admitAllocation(realm, call, { operation: 'CREATE', object: draft, dryRun }))
  definition.prepareForCreate?.(draft, context)
  const object = recanonicalize(definition.shape, draft) as KubeObject
  const errors = [...validateMetadata(object.metadata, metadataRules(definition)), ...(definition.validate?.(object, context) ?? [])]
  if (errors.length) refuse(status.invalid(qualifiedKind(definition), object.metadata.name ?? '', errors))
  for (const warning of definition.warnings?.(object, undefined) ?? []) call.warn(warning)
  if (isTaken(object.metadata.name as string)) refuse(alreadyExists(realm, call, object.metadata))
  if (entries?.length) object.metadata.managedFields = entries
  if (dryRun) {
    delete object.metadata.resourceVersion
    return { code: 201, object }
  }
  const stored = commit(realm, [...prepareCompanions(realm, companions), { type: 'ADDED', definition, object: toStored(definition, object) }])
  return answerOf(definition, stored, 201)
}

function requireName(definition: ResourceDefinition, meta: ObjectMeta): void {
  if (meta.name || meta.generateName) return
  const errors: FieldError[] = [field.required('metadata.name', 'name or generateName is required')]
  refuse(status.invalid(qualifiedKind(definition), '', errors))
}

export function metadataRules(definition: ResourceDefinition, subresource = '') {
  const { namespaced, validateName, metadataChecks, takesAnyFinalizer } = definition
  return { namespaced, validateName, metadataChecks: subresource ? undefined : metadataChecks, takesAnyFinalizer }
}

function alreadyExists(realm: Realm, call: WriteCall, meta: ObjectMeta) {
  const resource = qualifiedResource(call.definition)
  const name = meta.name as string
  const taken = status.alreadyExists(resource, name)
  const stored = realm.store.get(call.definition.storedAs.key, { namespace: meta.namespace ?? '', name })
  if (meta.generateName && name.startsWith(meta.generateName.slice(0, 58))) {
    return {
      ...taken,
      message: `${taken.message}, the server was not able to generate a unique name for the object`,
      details: { ...taken.details, retryAfterSeconds: 1 },
    }
  }
  return stored?.object.metadata.deletionTimestamp ? { ...taken, message: `object is being deleted: ${taken.message}` } : taken
}

/** Create-only kinds are answered from what they ask and stored nowhere. */
function review(realm: Realm, call: WriteCall, draft: KubeObject): Answer {
  const { definition, namespace, user } = call
  realm.fillDefaults(definition, draft, { now: realm.now(), user })
  const reviewed = definition.review?.(draft, { now: realm.now(), user, namespace, authenticate: realm.authenticate, authorize: realm.authorize })
  if (isStatus(reviewed)) refuse(reviewed)
  return { code: 201, object: recanonicalize(definition.shape, reviewed) as KubeObject }
}
