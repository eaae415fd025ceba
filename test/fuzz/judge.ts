// Judge: what is wrong with an answer, whatever was asked.
import { gunzipSync } from 'node:zlib'
import { CORE_SCHEMA, load } from 'js-yaml'
import { decodeObject, isObject, type Plain } from '../../src/machinery/index.js'
import { schema } from '../../src/resources/index.js'
import { headerOf, type RawAnswer } from './answer-reader.js'
import type { Header } from './headers.js'
import { isUpstreamError } from './upstream-errors.js'

export interface Asked {
  method: string
  target: string
  headers: readonly Header[]
}

export interface Verdict {
  /** Headers that the server does not set itself, or not so. */
  headers?: string
  /** A failure of the server that upstream does not have. */
  failure?: string
  /** A body that is not what it says it is. */
  body?: string
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
/** What the server sets, and in which form. */
const headerForms: Record<string, RegExp> = {
  'audit-id': /^[\t\x20-\x7e\x80-\xff]+$/,
  'cache-control': /^(?:no-cache, private|public|public, max-age=\d+|no-cache, no-store)$/,
  'content-type': /^(?:application|text)\/[a-z0-9.+-]+(?:@v\d+\.\d+)?(?:; ?[a-z-]+=[A-Za-z0-9._-]+)*$/,
  'content-length': /^\d+$/,
  'content-encoding': /^gzip$/,
  connection: /^(?:keep-alive|close|Upgrade)$/i,
  'keep-alive': /^timeout=\d+$/,
  date: /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  etag: /^"[0-9A-F]+"$/,
  expires: /^(?:0|[A-Z][a-z]{2}, .* GMT)$/,
  'last-modified': /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  location: /^\/openapi\/v3\/[a-z0-9./-]+\?hash=[0-9A-F]+$/,
  'retry-after': /^\d+$/,
  'transfer-encoding': /^chunked$/,
  vary: new RegExp(`^${token}(?:, ?${token})*$`),
  // Control characters have no place in any header: the reader has seen to that.
  warning: /^299 - "(?:[^"\\]|\\["\\])*"$/,
  'x-content-type-options': /^nosniff$/,
  'x-kubernetes-pf-flowschema-uid': /^[0-9a-f-]{36}$/,
  'x-kubernetes-pf-prioritylevel-uid': /^[0-9a-f-]{36}$/,
}
const repeatable = new Set(['warning', 'vary'])

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Texts in which upstream answers where it does not answer with a Status. */
const plainTexts = [
  /^404 page not found\n$/,
  /^\[[+-]\]\S+ /,
  /^ok$/,
  /^# HELP /,
  /^(?:livez|readyz|healthz) check failed\n$/,
  /^warn: some health checks cannot be excluded/,
]

export function judge(asked: Asked, answer: RawAnswer): Verdict {
  const verdict: Verdict = { headers: headersProblem(asked, answer) }
  if (asked.method === 'HEAD' || answer.status === 304 || answer.status < 200)
    return { ...verdict, failure: answer.status >= 500 ? `${answer.status} to a HEAD` : undefined }
  if (isBare(asked, answer)) return verdict
  const read = readBody(answer)
  if ('problem' in read)
    return { ...verdict, body: read.problem, failure: answer.status >= 500 ? `${answer.status}: ${answer.body.subarray(0, 300)}` : undefined }
  return { ...verdict, ...(answer.status >= 400 ? refusalProblems(answer, read.value) : { body: contentProblem(asked, read.value) }) }
}

// Discovery says of which group version its documents are elsewhere in them.
const withoutVersion = new Set(['APIVersions', 'APIResourceList'])

/** Upstream's handler of OpenAPI documents says what it does not have by its code alone, and so does Go's HTTP what it does not expect. */
function isBare({ target }: Asked, { status, body }: RawAnswer): boolean {
  return !body.length && (status === 417 || ([301, 404, 405, 406].includes(status) && /^(?:https?:\/\/[^/]*)?\/openapi\//.test(target)))
}

function headersProblem({ headers: sent }: Asked, { headers }: RawAnswer): string | undefined {
  const seen = new Set<string>()
  for (const [given, value] of headers) {
    const name = given.toLowerCase()
    const form = Object.hasOwn(headerForms, name) ? headerForms[name] : undefined
    if (!form) return `a header that the server does not set: ${given}: ${value.slice(0, 200)}`
    if (!form.test(value)) return `${given} is ${JSON.stringify(value.slice(0, 200))}`
    if (seen.has(name) && !repeatable.has(name)) return `${given} stands there twice`
    seen.add(name)
  }
  const id = headerOf(headers, 'audit-id')
  const given = sent.filter(([name]) => name.toLowerCase() === 'audit-id').map(([, value]) => value.trim())
  if (id !== undefined && !uuid.test(id) && id !== given.join(', ')) return `an Audit-Id that nobody gave: ${id}`
  return undefined
}

type Read = { value: unknown } | { problem: string }

/** The body as its Content-Type says it is. */
function readBody({ headers, body: sent }: RawAnswer): Read {
  const type = headerOf(headers, 'content-type') ?? ''
  const body = headerOf(headers, 'content-encoding') === 'gzip' ? gunzipSync(sent) : sent
  const [mediaType] = type.split(';', 1)
  try {
    if (mediaType === 'application/json' || mediaType === 'application/jwk-set+json') return { value: JSON.parse(utf8(body)) }
    if (mediaType === 'application/yaml') return { value: load(utf8(body), { schema: CORE_SCHEMA }) }
    if (mediaType === 'text/plain') return { value: utf8(body) }
    if (mediaType === 'application/vnd.kubernetes.protobuf') {
      const decoded = decodeObject(body, { apiVersion: '', kind: '' }, shapeOf)
      return 'error' in decoded ? { problem: `protobuf that is none: ${decoded.error}` } : { value: decoded.object }
    }
    return mediaType.includes('openapi') ? { value: undefined } : { problem: `the answer is of type ${JSON.stringify(type)}` }
  } catch (error) {
    return { problem: `not ${mediaType}: ${(error as Error).message}: ${body.subarray(0, 200)}` }
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8 = (bytes: Buffer) => decoder.decode(bytes)

export function shapeOf(apiVersion: string, kind: string) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return schema.find({ group, version, kind }) ?? schema.find({ group: 'meta.k8s.io', version: 'v1', kind })
}

function refusalProblems({ status }: RawAnswer, value: unknown): Verdict {
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  if (typeof value === 'string') {
    const isKnown = plainTexts.some((each) => each.test(value))
    return {
      failure: status >= 500 ? `${status}: ${shown.slice(0, 300)}` : undefined,
      body: isKnown ? undefined : `a text that upstream does not have: ${status} ${shown.slice(0, 200)}`,
    }
  }
  const failure = statusProblem(status, value)
  const message = isObject(value) && typeof value.message === 'string' ? value.message : ''
  return {
    body: failure && `${failure}: ${status} ${shown.slice(0, 300)}`,
    failure: status >= 500 && !isUpstreamError(status, message) ? `${status}: ${shown.slice(0, 500)}` : undefined,
  }
}

const statusMembers = new Set(['kind', 'apiVersion', 'metadata', 'status', 'message', 'reason', 'details', 'code'])

export function statusProblem(code: number, value: unknown): string | undefined {
  if (!isObject(value)) return 'no Status'
  const { kind, apiVersion, status, message, reason = '' } = value
  if (kind !== 'Status' || apiVersion !== 'v1' || status !== 'Failure') return 'no Status of a failure'
  if (value.code !== code) return `a Status of ${value.code}`
  if (typeof message !== 'string' || typeof reason !== 'string') return 'a Status without message or with a strange reason'
  const strange = Object.keys(value).filter((each) => !statusMembers.has(each))
  return strange.length ? `a Status with ${strange.join(', ')}` : undefined
}

function contentProblem({ target }: Asked, value: unknown): string | undefined {
  if (typeof value === 'string' || value === undefined || !/^\/apis?\//.test(target)) return undefined
  if (!isObject(value)) return `no object: ${JSON.stringify(value)?.slice(0, 200)}`
  const { kind, apiVersion } = value as Plain
  const isNamed = typeof kind === 'string' && kind !== '' && (typeof apiVersion === 'string' || withoutVersion.has(kind))
  return isNamed ? undefined : `an object without kind or apiVersion: ${JSON.stringify(value).slice(0, 200)}`
}
