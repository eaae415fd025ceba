// The body of a request as plain JSON, whatever it was written in.
// Upstream: apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go
import {
  canonicalize,
  decodeObject,
  describeFraction,
  isDecodeError,
  isObject,
  isStatus,
  type Plain,
  quote,
  type Shape,
  StatusError,
  status,
} from '../../machinery/index.js'
import { type Body, typeMetaError } from '../../registry/index.js'
import { bodyFormat, type PatchFormat } from '../negotiation.js'
import { parseJSONBody, summarize, unrecognizedBody } from './json-body.js'

/** What a client sent. */
export interface SentBody {
  bytes: Buffer
  contentType: string | undefined
}

/** What should be in it. */
export interface ExpectedBody {
  apiVersion: string
  kind: string
  shape: Shape
}

type ShapeOf = (apiVersion: string, kind: string) => Shape | undefined

/** @throws {StatusError} 400, 415 */
export async function readObject({ bytes, contentType }: SentBody, expected: ExpectedBody, shapeOf: ShapeOf): Promise<Body> {
  const format = bodyFormat(contentType)
  if (isStatus(format)) throw new StatusError(format)
  if (format === 'protobuf') return readProtobuf(bytes, expected, shapeOf)
  return format === 'yaml' ? readYAML(bytes, expected.kind) : readJSON(bytes, expected)
}

// Two bytes can stand for a container, and what is filled in for it has two hundred. An alias of YAML stands for anything.
const smallBytesMax = 16 * 1024
const isSmall = (bytes: Buffer) => bytes.length <= smallBytesMax

function readJSON(bytes: Buffer, { kind, apiVersion, shape }: ExpectedBody): Body {
  const parsed = parseJSONBody(bytes)
  if ('error' in parsed) throw new StatusError(unrecognizedBody(kind, parsed.error, bytes))
  for (const { path, text } of parsed.fractions ?? []) {
    const problem = describeFraction(shape, path, text)
    if (problem) throw new StatusError(cannotBeHandled({ apiVersion, kind }, kind, problem))
  }
  return { value: parsed.value, isOwn: true, isSmall: isSmall(bytes), problems: parsed.problems }
}

async function readYAML(bytes: Buffer, kind: string): Promise<Body> {
  const { duplicateKeysProblem, parseYAML, unrecognizedYAMLBody } = await import('./yaml-body.js')
  const parsed = parseYAML(bytes.toString())
  if ('error' in parsed) throw new StatusError(unrecognizedYAMLBody(kind, parsed.error, bytes))
  return { value: parsed.value, isOwn: true, problems: parsed.duplicateKeys.length ? [duplicateKeysProblem(parsed.duplicateKeys)] : [] }
}

function readProtobuf(bytes: Buffer, expected: ExpectedBody, shapeOf: ShapeOf): Body {
  const decoded = decodeObject(bytes, expected, shapeOf)
  if ('object' in decoded) return { value: decoded.object, isOwn: true, isSmall: isSmall(bytes) }
  if (decoded.of) throw new StatusError(cannotBeHandled(decoded.of, expected.kind, decoded.error))
  throw new StatusError(status.badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${decoded.error} (${summarize(bytes)})`))
}

function cannotBeHandled(given: { apiVersion: string; kind: string }, wanted: string, cause: string) {
  const version = given.apiVersion.slice(given.apiVersion.indexOf('/') + 1)
  return status.badRequest(`${given.kind} in version ${quote(version)} cannot be handled as a ${wanted}: ${cause}`)
}

/** @throws {StatusError} 400 */
export async function readPatch(bytes: Buffer, type: PatchFormat): Promise<Body> {
  if (type !== 'apply') {
    const parsed = parseJSONBody(bytes)
    if ('error' in parsed) throw new StatusError(status.badRequest(type === 'strategic' ? parsed.error : `error decoding patch: ${parsed.error}`))
    return { value: parsed.value, isOwn: true, isSmall: isSmall(bytes), problems: parsed.problems }
  }
  const json = readAsJSON(bytes)
  if (json) return json
  const { parseYAML } = await import('./yaml-body.js')
  const parsed = parseYAML(bytes.toString())
  if ('error' in parsed) throw new StatusError(status.badRequest(`error decoding YAML: error converting YAML to JSON: ${parsed.error}`))
  return { value: parsed.value, isOwn: true, problems: parsed.duplicateKeys }
}

// Where the two differ: characters that YAML has no room for or breaks lines at, and tabs.
const notOfBoth = /[\t\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/
const openingBrace = 0x7b

/** Most of what is applied is JSON, which is YAML too and quicker to read so. Nothing where only a reader of YAML could say what is wrong with it. */
function readAsJSON(bytes: Buffer): Body | undefined {
  if (bytes[0] !== openingBrace) return undefined
  const text = bytes.toString()
  const parsed = parseJSONBody(bytes, text)
  if ('error' in parsed || parsed.problems || parsed.fractions || notOfBoth.test(text)) return undefined
  return { value: parsed.value, isOwn: true, isSmall: isSmall(bytes) }
}

/** DeleteOptions, whatever group version the body names; undefined when there is no body. @throws {StatusError} 400, 415 */
export async function readDeleteOptions(sent: SentBody, shape: Shape): Promise<Plain | undefined> {
  if (!sent.bytes.length) return undefined
  const expected = { apiVersion: 'v1', kind: 'DeleteOptions', shape }
  const { value } = await readObject(sent, expected, (_apiVersion, kind) => (kind === expected.kind ? shape : undefined))
  const unreadable = isObject(value) && typeMetaError(value)
  if (unreadable)
    throw new StatusError(status.badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${unreadable} (${summarize(sent.bytes)})`))
  const given = isObject(value) ? { ...expected, ...(value as Partial<typeof expected>) } : expected
  if (given.kind !== expected.kind)
    throw new StatusError(cannotBeHandled({ apiVersion: String(given.apiVersion), kind: String(given.kind) }, expected.kind, 'it is of another kind'))
  const decoded = canonicalize(shape, value)
  if (isDecodeError(decoded)) throw new StatusError(cannotBeHandled(expected, expected.kind, decoded.message))
  return decoded.object
}
