// From the JSON of a body to a draft in canonical form: is it of this kind, does every field exist, is every value of its type.
// Upstream: apimachinery/pkg/runtime/serializer/json/json.go, apiserver/pkg/endpoints/handlers/create.go
import {
  canonicalize,
  isDecodeError,
  isObject,
  jsonTypeOf,
  type KubeObject,
  type Plain,
  quote,
  type Shape,
  status,
  unknownFields,
  withMembers,
} from '../machinery/index.js'
import { type Body, refuse, type WriteCall } from './realm.js'

type Decoding = Pick<WriteCall, 'options' | 'warn'>

export interface Expected {
  group: string
  version: string
  kind: string
  apiVersion: string
  shape: Shape
}

/**
 * A draft of the definition's kind.
 * @param before what is stored, of which the body of a controller may hold parts @throws {StatusError} 400 when the body is not one
 */
export function decodeObject(expected: Expected, body: Body, { options: { fieldValidation }, warn }: Decoding, before?: KubeObject): KubeObject {
  const value = withTypeMeta(expected, body.value)
  const decoded = canonicalize(expected.shape, value, { keepsEmpty: true, takesOver: body.isOwn, before })
  const cannot = (cause: string) =>
    status.badRequest(`${expected.kind} in version ${quote(expected.version)} cannot be handled as a ${expected.kind}: ${cause}`)
  if (isDecodeError(decoded)) refuse(cannot(decoded.message))
  if (decoded.hasUnknown || body.problems?.length) {
    const problems = strictProblems(expected.shape, body, decoded.hasUnknown)
    if (fieldValidation === 'Strict') refuse(cannot(`strict decoding error: ${problems.join(', ')}`))
    if (fieldValidation !== 'Ignore') for (const problem of problems) warn(problem)
  }
  return keepReset(decoded.object as KubeObject, value)
}

/** An empty list of managed fields is a wish to forget them; canonical form has no empty lists. */
export function keepReset(object: KubeObject, sent: unknown): KubeObject {
  const managedFields = isObject(sent) && isObject(sent.metadata) ? sent.metadata.managedFields : undefined
  if (Array.isArray(managedFields) && !managedFields.length) object.metadata.managedFields = []
  return object
}

/** What strict decoding objects to, in upstream's words. */
export function strictProblems(shape: Shape, body: Body, hasUnknown = true): string[] {
  const unknown = hasUnknown ? unknownFields(shape, body.value).map((path) => `unknown field ${quote(path)}`) : []
  return [...(body.problems ?? []), ...unknown]
}

function withTypeMeta(expected: Expected, value: unknown): Plain {
  if (!isObject(value)) {
    refuse(
      status.badRequest(
        `the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (${hexOf(value)})`,
      ),
    )
  }
  const unreadable = typeMetaError(value)
  if (unreadable) refuse(status.badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${unreadable} (${hexOf(value)})`))
  const apiVersion = value.apiVersion || expected.apiVersion
  const kind = value.kind || expected.kind
  if (apiVersion === expected.apiVersion && kind === expected.kind) {
    return value.apiVersion && value.kind ? value : withMembers(value, { apiVersion, kind })
  }
  return refuse(status.badRequest(kindMismatch(expected, apiVersion, kind)))
}

/** Why nobody can say of which kind an object is. Upstream: apimachinery/pkg/runtime/serializer/json/meta.go Interpret */
export function typeMetaError(value: Plain): string | undefined {
  const name = ['apiVersion', 'kind'].find(
    (each) => Object.hasOwn(value, each) && value[each] !== null && value[each] !== undefined && typeof value[each] !== 'string',
  )
  return name && `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(value[name])} into Go struct field .${name} of type string`
}

function kindMismatch(expected: Expected, apiVersion: string, kind: string): string {
  const version = versionOf(apiVersion)
  if (kind === expected.kind && apiVersion.includes('/') === expected.apiVersion.includes('/') && version === expected.version) {
    return `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`
  }
  return `${kind} in version ${quote(version)} cannot be handled as a ${expected.kind}: ${kindMismatchCause(expected, apiVersion, kind)}`
}

const versionOf = (apiVersion: string) => apiVersion.slice(apiVersion.lastIndexOf('/') + 1)

/** Why an object of another kind cannot be taken for one of this kind. */
export function kindMismatchCause(expected: Expected, apiVersion: string, kind: string): string {
  const version = versionOf(apiVersion)
  if (kind !== expected.kind && version === expected.version) {
    return `converting (${version}.${kind}) to (${expected.group || 'core'}.${expected.kind}): unknown conversion`
  }
  return `no kind ${quote(kind)} is registered for version ${quote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
}

function hexOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value).slice(0, 30)).toString('hex')
}
