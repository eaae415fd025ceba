// PATCH: a new state made from the old one. Apply is its own file; the other three make a document and update with it.
// Upstream: apiserver/pkg/endpoints/handlers/patch.go
import {
  applyJSONPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  canonicalize,
  field,
  isDecodeError,
  isObject,
  type KubeObject,
  type Plain,
  quote,
  status,
} from '../machinery/index.js'
import { apply } from './apply.js'
import { strictProblems } from './decode.js'
import { type Answer, type Body, qualifiedResource, type Realm, refuse, viewOf, type WriteCall } from './realm.js'
import { updateDraft } from './update.js'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export interface Patch {
  type: PatchType
  body: Body
}

// Upstream: apiserver/pkg/endpoints/handlers/patch.go maxJSONPatchOperations
const operationsMax = 10_000

/** @throws {StatusError} */
export function patch(realm: Realm, call: WriteCall, { type, body }: Patch): Answer {
  if (type === 'apply') return apply(realm, call, body)
  if (call.options.force !== undefined) {
    refuse(status.invalid(patchOptions, '', [field.forbidden('force', 'may not be specified for non-apply patch')]))
  }
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored) refuse(status.notFound(qualifiedResource(definition), call.name))
  const old = viewOf(definition, stored).object
  const patched = patchedDocument(call, type, old, body)
  return updateDraft(realm, call, stored, decodePatched(call, patched, body))
}

export const patchOptions = { group: 'meta.k8s.io', resource: 'PatchOptions' }

/** The patched JSON, not yet checked against the shape. */
export function patchedDocument(call: WriteCall, type: Exclude<PatchType, 'apply'>, old: KubeObject, body: Body): unknown {
  switch (type) {
    case 'json':
      return jsonPatched(old, body.value)
    case 'merge':
      if (!isObject(body.value)) refuse(status.badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}'))
      return applyMergePatch(old, body.value)
    case 'strategic': {
      if (!isObject(body.value)) refuse(status.badRequest('error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}'))
      const result = applyStrategicMergePatch(call.definition.shape, old as unknown as Plain, body.value)
      if ('value' in result) return result.value
      return refuse(result.kind === 'badRequest' ? status.badRequest(result.error) : status.untyped(result.error))
    }
  }
}

function jsonPatched(old: KubeObject, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    return refuse(status.badRequest(`error decoding patch: json: cannot unmarshal ${isObject(operations) ? 'object' : typeof operations} into Go value of type jsonpatch.Patch`))
  }
  if (operations.length > operationsMax) {
    return refuse(status.tooLarge(`The allowed maximum operations in a JSON patch is ${operationsMax}, got ${operations.length}`))
  }
  const result = applyJSONPatch(old, operations)
  if ('value' in result) return result.value
  // Upstream does not say what was wrong.
  return refuse({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  })
}

function decodePatched(call: WriteCall, patched: unknown, body: Body): KubeObject {
  const { shape } = call.definition
  const decoded = canonicalize(shape, patched)
  const invalid = (cause: string) => refuse(status.invalid({ group: '', resource: '' }, '', [field.invalid('patch', JSON.stringify(patched), cause)]))
  if (isDecodeError(decoded)) return invalid(decoded.message)
  if (decoded.hasUnknown || body.problems?.length) {
    const problems = strictProblems(shape, { value: patched, problems: body.problems }, decoded.hasUnknown)
    const { fieldValidation } = call.options
    if (fieldValidation === 'Strict') invalid(`strict decoding error: ${problems.join(', ')}`)
    if (fieldValidation !== 'Ignore') for (const problem of problems) call.warn(problem)
  }
  const object = decoded.object as KubeObject
  requireKind(call, object)
  return object
}

function requireKind({ definition }: WriteCall, object: KubeObject): void {
  if (object.kind === definition.kind && object.apiVersion === definition.apiVersion) return
  const cause = `${object.kind} in version ${quote(object.apiVersion)} cannot be handled as a ${definition.kind}`
  refuse(status.badRequest(cause))
}
