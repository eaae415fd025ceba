// PATCH with an applied configuration: server-side apply as a verb. It creates what does not exist.
// Upstream: apiserver/pkg/endpoints/handlers/patch.go applyPatcher
import {
  type Application,
  applyConfiguration,
  canonicalize,
  identityText,
  isDecodeError,
  isObject,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type Plain,
  status,
} from '../machinery/index.js'
import { createDraft } from './create.js'
import { resetFieldsOf, versionsOf } from './field-ownership.js'
import { settleIdentity } from './metadata.js'
import { type Answer, type Body, objectOf, qualifiedResource, type Realm, refuse, type WriteCall } from './realm.js'
import { updateDraft } from './update.js'

/** @throws {StatusError} */
export function apply(realm: Realm, call: WriteCall, body: Body): Answer {
  const { definition, subresource } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored && subresource) refuse(status.notFound(qualifiedResource(definition), call.name))
  const live = stored && objectOf(definition, stored)
  const { draft, managedFields } = applied(call, body, {
    shape: definition.shape,
    group: definition.group,
    version: definition.version,
    kind: definition.kind,
    live,
    configuration: configurationOf(body),
    manager: call.options.fieldManager,
    subresource,
    force: call.options.force === true,
    now: realm.now(),
    resetFields: resetFieldsOf(definition, subresource),
    versions: versionsOf(realm, definition),
  })
  if (stored) return updateDraft(realm, call, stored, draft, { managedFieldsOf: () => managedFields, isSmall: body.isSmall })
  requireCreatable(call, draft.metadata)
  delete draft.metadata.resourceVersion
  return createDraft(realm, call, draft, { managedFieldsOf: () => managedFields, isSmall: body.isSmall })
}

/** The object with the configuration applied, and its owners. @param body the one the configuration is of @throws {StatusError} */
export function applied(call: WriteCall, body: Body, application: Application): { draft: KubeObject; managedFields: ManagedFieldsEntry[] } {
  const result = applyConfiguration(application)
  if ('refused' in result) refuse(result.refused)
  reportRepeatedKeys(call, body)
  return { draft: decodeApplied(application, result.object, body.isOwn), managedFields: result.managedFields }
}

/** @throws {StatusError} */
export function configurationOf({ value }: Body): Plain {
  if (value === null || value === undefined) return {}
  if (isObject(value)) return value
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const cause = `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`
  return refuse(status.badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${cause}`))
}

/** Keys that stand twice in the YAML are told only when all else is well. */
function reportRepeatedKeys({ options, warn }: WriteCall, { problems = [] }: Body): void {
  if (!problems.length || options.fieldValidation === 'Ignore') return
  if (options.fieldValidation === 'Strict') {
    refuse(status.badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${problems.join('\n  ')}`))
  }
  for (const problem of problems) warn(problem)
}

function decodeApplied({ shape, live, configuration }: Application, object: Plain, takesOver: boolean | undefined): KubeObject {
  const decoded = canonicalize(shape, object, { takesOver, before: live })
  if (isDecodeError(decoded)) refuse(status.untyped(`failed to convert new typed object (${identityText(configuration)}) to object: ${decoded.message}`))
  return decoded.object as KubeObject
}

function requireCreatable(call: WriteCall, meta: ObjectMeta): void {
  if (meta.uid) {
    const cause = `uid mismatch: the provided object specified uid ${meta.uid}, and no existing object was found`
    refuse(status.conflict(qualifiedResource(call.definition), call.name, cause))
  }
  settleIdentity(call, meta)
}
