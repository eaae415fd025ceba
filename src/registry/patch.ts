// PATCH: a new state made from the old one. Apply is its own file; the other three make a document and update with it.
// Upstream: apiserver/pkg/endpoints/handlers/patch.go
import {
  applyJSONPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  canonicalize,
  failure,
  field,
  formatGoValue,
  isDecodeError,
  isObject,
  jsonTypeOf,
  type KubeObject,
  type Plain,
  printJSON,
  status,
} from '../machinery/index.js'
import { apply } from './apply.js'
import { type Expected, keepReset, kindMismatchCause, strictProblems, typeMetaError } from './decode.js'
import { type Answer, type Body, objectOf, qualifiedResource, type Realm, refuse, type WriteCall } from './realm.js'
import { updateDraft } from './update.js'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

export interface Patch {
  type: PatchType
  body: Body
}

/** The patches that are made of the old state alone. */
export type DocumentPatch = Patch & { type: Exclude<PatchType, 'apply'> }

// Upstream: apiserver/pkg/endpoints/handlers/patch.go maxJSONPatchOperations
const operationsMax = 10_000

/** @throws {StatusError} */
export function patch(realm: Realm, call: WriteCall, { type, body }: Patch): Answer {
  if (type === 'apply') return apply(realm, call, body)
  refuseForce(call)
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored) refuse(status.notFound(qualifiedResource(definition), call.name))
  const old = objectOf(definition, stored)
  return updateDraft(realm, call, stored, patchedObject(call, definition, old, { type, body }), { isSmall: isSmall({ type, body }) })
}

/** A JSON patch can copy what is there, again and again; of the others the result has no more than the object and the patch. */
const isSmall = ({ type, body }: Patch) => type !== 'json' && body.isSmall === true

export function refuseForce({ options }: WriteCall): void {
  if (options.force === undefined) return
  const error = field.forbidden('force', 'may not be specified for non-apply patch')
  refuse(status.invalid({ group: 'meta.k8s.io', resource: 'PatchOptions' }, '', [error]))
}

/** The new state in canonical form. @throws {StatusError} when the patch cannot be read, applied, or leads to no object of the kind */
export function patchedObject(call: WriteCall, expected: Expected, old: KubeObject, { type, body }: DocumentPatch): KubeObject {
  const takesOver = body.isOwn
  switch (type) {
    case 'json': {
      const { value, problems } = jsonPatched(call, old, body)
      return decoded(call, expected, value, { shown: () => printJSON(value), problems, before: old, takesOver })
    }
    case 'merge': {
      const value = applyMergePatch(old, mergePatchOf(body.value))
      return decoded(call, expected, value, { shown: () => printJSON(value), problems: body.problems ?? [], before: old, takesOver })
    }
    case 'strategic':
      return strategicallyMerged(call, expected, old, body)
  }
}

function jsonPatched(call: WriteCall, old: KubeObject, { value, problems = [] }: Body): { value: unknown; problems: string[] } {
  if (value !== null && !Array.isArray(value)) refuse(undecodable(call, `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${patchType(call)}`))
  const operations = (value ?? []) as unknown[]
  const unknown = operations.flatMap((operation, index) => operationProblems(call, operation, index))
  if (operations.length > operationsMax) {
    refuse(status.tooLarge(`The allowed maximum operations in a JSON patch is ${operationsMax}, got ${operations.length}`))
  }
  const result = applyJSONPatch(old, operations)
  return 'error' in result ? refuse(unapplicable()) : { value: result.value, problems: [...problems, ...unknown].map((problem) => `json patch ${problem}`) }
}

const patchType = ({ options }: WriteCall) => (options.fieldValidation === 'Ignore' ? 'jsonpatch.Patch' : '[]handlers.jsonPatchOp')

function undecodable({ options }: WriteCall, cause: string) {
  return status.badRequest(options.fieldValidation === 'Ignore' ? cause : `error decoding patch: ${cause}`)
}

const textMembers = ['op', 'path', 'from']

/** What strict reading objects to in one operation. */
function operationProblems(call: WriteCall, operation: unknown, index: number): string[] {
  if (operation === null) return []
  if (!isObject(operation)) refuse(undecodable(call, `json: cannot unmarshal ${jsonTypeOf(operation)} into Go value of type handlers.jsonPatchOp`))
  if (call.options.fieldValidation === 'Ignore') return []
  for (const name of textMembers) {
    const given = operation[name]
    if (given !== undefined && given !== null && typeof given !== 'string') {
      refuse(undecodable(call, `json: cannot unmarshal ${jsonTypeOf(given)} into Go struct field jsonPatchOp.${name} of type string`))
    }
  }
  const unknown = Object.keys(operation).filter((name) => name !== 'value' && !textMembers.includes(name))
  return unknown.map((name) => `unknown field "[${index}].${name}"`)
}

/** Upstream does not tell why an operation cannot be done. */
function unapplicable() {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
}

const intoMap = 'into Go value of type map[string]interface {}'

function mergePatchOf(value: unknown): Plain {
  if (isObject(value)) return value
  if (value === null) return refuse(status.badRequest('Invalid JSON Patch'))
  return refuse(status.badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeOf(value)} ${intoMap}`))
}

function strategicallyMerged(call: WriteCall, expected: Expected, old: KubeObject, body: Body): KubeObject {
  const change = body.value ?? {}
  if (!isObject(change)) return refuse(status.badRequest(`json: cannot unmarshal ${jsonTypeOf(change)} ${intoMap}`))
  const result = applyStrategicMergePatch(expected.shape, old as unknown as Plain, change)
  if ('error' in result) return refuse(strategicFailure(result))
  // The type of the object is known here: what the patch says of it counts for nothing.
  const merged = { ...(result.value as Plain), kind: expected.kind, apiVersion: expected.apiVersion }
  return decoded(call, expected, merged, { shown: () => formatGoValue(change), problems: body.problems ?? [], before: old, takesOver: body.isOwn })
}

function strategicFailure({ kind, error }: { kind: 'badRequest' | 'unprocessable' | 'internal'; error: string }) {
  if (kind === 'badRequest') return status.badRequest(error)
  return kind === 'unprocessable' ? unapplicable() : status.untyped(error)
}

interface Reading {
  /** The document as messages show it. */
  shown(): string
  /** What strict reading has objected to so far. */
  problems: readonly string[]
  /** The old state, of which the document may have parts. */
  before: KubeObject
  /** Whether the object may be made of all else that the document has. */
  takesOver: boolean | undefined
}

function decoded(call: WriteCall, expected: Expected, value: unknown, { shown, problems, before, takesOver }: Reading): KubeObject {
  const { fieldValidation } = call.options
  const invalid = (cause: string) => refuse(status.invalid({ group: '', resource: '' }, '', [field.invalid('patch', shown(), cause)]))
  if (!isObject(value)) return invalid(`json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${expected.version}.${expected.kind}`)
  const unreadable = typeMetaError(value)
  if (unreadable) return invalid(unreadable)
  if (value.kind !== expected.kind || value.apiVersion !== expected.apiVersion)
    return invalid(kindMismatchCause(expected, String(value.apiVersion), String(value.kind)))
  const result = canonicalize(expected.shape, value, { keepsEmpty: true, takesOver, before })
  if (isDecodeError(result)) return invalid(result.message)
  const all = [...problems, ...(result.hasUnknown ? strictProblems(expected.shape, { value }) : [])]
  if (all.length && fieldValidation === 'Strict') return invalid(`strict decoding error: ${all.join(', ')}`)
  if (fieldValidation !== 'Ignore') for (const problem of all) call.warn(problem)
  return keepReset(result.object as KubeObject, value)
}
