// The options that a query carries.
import { type DeleteOptions, isObject, isStatus, type Plain, quote, type Status, status } from '../machinery/index.js'
import {
  type Checked,
  checkDeleteOptions,
  checkReadOptions,
  checkWriteOptions,
  type ReadOptions,
  type WriteKind,
  type WriteOptions,
} from '../registry/index.js'

export type { Checked, ReadOptions, WriteKind } from '../registry/index.js'

/** What cannot be decoded is passed over, pair by pair. Upstream: Go's net/url parseQuery */
export function parseQuery(text: string): URLSearchParams {
  if (!text.includes('%') && !text.includes(';')) return new URLSearchParams(text)
  const pairs = text.split('&').filter((pair) => !pair.includes(';') && !badEscape.test(pair))
  return new URLSearchParams(pairs.join('&'))
}

const badEscape = /%(?![0-9a-fA-F]{2})/

/** `watch=1`, `True`, and a bare key are true; `0` and `false` in any case are false. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['0', 'false'].includes(value.toLowerCase())
}

/** What Go's own parser takes for true. */
export function isExactlyTrue(value: string | null): boolean {
  return value !== null && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)
}

/** Options of list and watch. */
export function listOptions(query: URLSearchParams, isWatch: boolean): Checked<ReadOptions> {
  const numbers: Partial<Record<'limit' | 'timeoutSeconds', number>> = {}
  for (const name of ['limit', 'timeoutSeconds'] as const) {
    const text = query.get(name)
    if (text === null) continue
    const number = parseInteger(text)
    if (typeof number !== 'number') return { refused: number }
    numbers[name] = number
  }
  const options: ReadOptions = {
    ...numbers,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    ...(query.has('sendInitialEvents') ? { sendInitialEvents: isTrue(query.get('sendInitialEvents')) } : {}),
    ...(query.has('includeObject') ? { includeObject: query.get('includeObject') ?? '' } : {}),
  }
  return checkReadOptions(options, isWatch)
}

const integerMax = 2n ** 63n - 1n

function parseInteger(text: string): number | Status {
  const refusal = (cause: string) => status.badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${cause}`)
  if (!/^[-+]?\d+$/.test(text)) return refusal('invalid syntax')
  if (text.length > 20) return refusal('value out of range')
  const value = BigInt(text.replace('+', ''))
  return value > integerMax || value < -integerMax - 1n ? refusal('value out of range') : Number(value)
}

/** @param userAgent names the field manager when the query does not */
export function writeOptions(query: URLSearchParams, kind: WriteKind, userAgent: string | undefined, isApply = false): Checked<WriteOptions> {
  const given = {
    dryRun: query.getAll('dryRun'),
    fieldManager: query.get('fieldManager') ?? '',
    fieldValidation: query.get('fieldValidation') ?? '',
    ...(query.has('force') ? { force: isTrue(query.get('force')) } : {}),
  }
  return checkWriteOptions(given, kind, userAgent, isApply)
}

/** The body wins; the query counts only when there is no body. */
export function deleteOptions(query: URLSearchParams, body: unknown): Checked<DeleteOptions> {
  const given: Plain = body === undefined ? deleteQuery(query) : isObject(body) ? body : {}
  return isStatus(given.gracePeriodSeconds) ? { refused: given.gracePeriodSeconds } : checkDeleteOptions(given)
}

function deleteQuery(query: URLSearchParams): Plain {
  const grace = query.get('gracePeriodSeconds')
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: parseInteger(grace) }),
    ...(query.get('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(query.has('orphanDependents') ? { orphanDependents: isTrue(query.get('orphanDependents')) } : {}),
    dryRun: query.getAll('dryRun'),
  }
}

const timeoutSyntax = /^[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/

/**
 * What is wrong with the options that every request but a watch may carry.
 * Upstream: apiserver/pkg/endpoints/filters/request_deadline.go, apiserver/pkg/endpoints/handlers/get.go
 */
export function requestProblem(query: URLSearchParams, method: string): Status | undefined {
  const timeout = query.get('timeout')
  if (timeout && timeout !== '0' && !(timeout.length <= 100 && timeoutSyntax.test(timeout))) {
    return status.badRequest(`invalid timeout specified in the request URL - time: ${describeDuration(timeout)}`)
  }
  if (method === 'GET' && isTrue(query.get('export'))) return status.badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  return undefined
}

function describeDuration(text: string): string {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text) ? `missing unit in duration ${quote(text)}` : `invalid duration ${quote(text)}`
}
