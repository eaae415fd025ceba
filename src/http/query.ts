// The options that a query carries, checked as upstream checks them.
// Upstream: apimachinery/pkg/apis/meta/internalversion/validation, apimachinery/pkg/apis/meta/v1/validation
import { type DeleteOptions, type FieldError, field, isObject, isStatus, type Plain, quote, type Status, status } from '../machinery/index.js'
import type { WatchOptions, WriteOptions } from '../registry/index.js'

export type Checked<Options> = { options: Options } | { refused: Status }

/** `watch=1`, `True`, and a bare key are true; `0` and `false` in any case are false. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['0', 'false'].includes(value.toLowerCase())
}

/** What Go's own parser takes for true. */
export function isExactlyTrue(value: string | null): boolean {
  return value !== null && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)
}

export interface ReadOptions extends WatchOptions {
  timeoutSeconds?: number
  includeObject?: string
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
  const errors = isWatch ? watchErrors(options) : listErrors(options)
  return errors.length ? invalid('ListOptions', errors) : { options }
}

const integerMax = 2n ** 63n - 1n

function parseInteger(text: string): number | Status {
  const refusal = (cause: string) => status.badRequest(`strconv.ParseInt: parsing ${quote(text)}: ${cause}`)
  if (!/^[-+]?\d+$/.test(text)) return refusal('invalid syntax')
  if (text.length > 20) return refusal('value out of range')
  const value = BigInt(text.replace('+', ''))
  return value > integerMax || value < -integerMax - 1n ? refusal('value out of range') : Number(value)
}

const match = 'resourceVersionMatch'

function listErrors(options: ReadOptions): FieldError[] {
  const errors: FieldError[] = []
  if (options.resourceVersionMatch) errors.push(...matchErrors(options))
  if (options.sendInitialEvents !== undefined) errors.push(field.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return errors
}

function matchErrors({ resourceVersion, resourceVersionMatch, ...options }: ReadOptions): FieldError[] {
  const errors: FieldError[] = []
  if (!resourceVersion) errors.push(field.forbidden(match, 'resourceVersionMatch is forbidden unless resourceVersion is provided'))
  if (options.continue) errors.push(field.forbidden(match, 'resourceVersionMatch is forbidden when continue is provided'))
  if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(field.notSupported(match, resourceVersionMatch, ['Exact', 'NotOlderThan', '']))
  }
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    errors.push(field.forbidden(match, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  }
  return errors
}

function watchErrors({ sendInitialEvents, resourceVersionMatch, ...options }: ReadOptions): FieldError[] {
  const errors: FieldError[] = []
  if (sendInitialEvents !== undefined) {
    if (resourceVersionMatch !== 'NotOlderThan') {
      errors.push(field.forbidden(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
      if (resourceVersionMatch) errors.push(field.notSupported(match, resourceVersionMatch, ['NotOlderThan']))
    }
    if (options.continue) errors.push(field.forbidden(match, 'resourceVersionMatch is forbidden when continue is provided'))
  } else if (resourceVersionMatch) {
    errors.push(field.forbidden(match, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  return errors
}

export type WriteKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'

/** @param userAgent names the field manager when the query does not */
export function writeOptions(query: URLSearchParams, kind: WriteKind, userAgent: string | undefined, isApply = false): Checked<WriteOptions> {
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager') ?? ''
  const fieldValidation = query.get('fieldValidation') ?? ''
  const errors = [...managerErrors(fieldManager, isApply), ...dryRunErrors(dryRun)]
  if (fieldValidation && !validations.has(fieldValidation))
    errors.push(field.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  if (kind === 'PatchOptions' && !isApply && query.has('force')) errors.unshift(field.forbidden('force', 'may not be specified for non-apply patch'))
  if (errors.length) return invalid(kind, errors)
  return {
    options: {
      dryRun: dryRun.includes('All'),
      fieldManager: fieldManager || managerOf(userAgent),
      fieldValidation: (fieldValidation || 'Warn') as WriteOptions['fieldValidation'],
      ...(isApply ? { force: isTrue(query.get('force')) } : {}),
    },
  }
}

const validations = new Set(['Ignore', 'Warn', 'Strict'])

function dryRunErrors(values: readonly string[]): FieldError[] {
  if (!values.length || values.every((value) => value === 'All')) return []
  return [field.notSupported('dryRun', values, ['All'])]
}

const managerBytesMax = 128

function managerErrors(manager: string, isApply: boolean): FieldError[] {
  if (isApply && !manager) return [field.required('fieldManager', 'is required for apply patch')]
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > managerBytesMax) errors.push(field.tooLong('fieldManager', managerBytesMax))
  const odd = [...manager].find((character) => !isPrintable(character))
  if (odd !== undefined) {
    const code = (odd.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
    // Differs: upstream names every such character, with the whole text each time.
    errors.push(
      field.invalid('fieldManager', manager, `invalid character U+${code} (at position ${Buffer.byteLength(manager.slice(0, manager.indexOf(odd)))})`),
    )
  }
  return errors
}

const isPrintable = (character: string) => /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)

/** The first word of the user agent. Upstream: apiserver/pkg/endpoints/handlers/create.go managerOrUserAgent */
function managerOf(userAgent = ''): string {
  const known = managers.get(userAgent)
  if (known !== undefined) return known
  const name = [...userAgent.split('/', 1)[0]].filter(isPrintable).join('').slice(0, managerBytesMax) || 'unknown'
  if (managers.size > 200) managers.clear()
  managers.set(userAgent, name)
  return name
}

const managers = new Map<string, string>()

/** The body wins; the query counts only when there is no body. */
export function deleteOptions(query: URLSearchParams, body: unknown): Checked<DeleteOptions> {
  const given: Plain = body === undefined ? deleteQuery(query) : isObject(body) ? body : {}
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun = [] } = given
  if (isStatus(gracePeriodSeconds)) return { refused: gracePeriodSeconds }
  const errors: FieldError[] = []
  if (orphanDependents !== undefined && orphanDependents !== null && propagationPolicy) {
    errors.push(field.invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  }
  if (propagationPolicy && !policies.has(propagationPolicy)) {
    errors.push(field.notSupported('propagationPolicy', propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil']))
  }
  errors.push(...dryRunErrors(Array.isArray(dryRun) ? dryRun : [String(dryRun)]))
  if (errors.length) return invalid('DeleteOptions', errors)
  return {
    options: {
      ...(gracePeriodSeconds === undefined || gracePeriodSeconds === null ? {} : { gracePeriodSeconds }),
      ...(propagationPolicy ? { propagationPolicy } : {}),
      ...(orphanDependents === undefined || orphanDependents === null ? {} : { orphanDependents: orphanDependents === true }),
      ...(isObject(preconditions) ? { preconditions } : {}),
      ...(Array.isArray(dryRun) && dryRun.length ? { dryRun } : {}),
    },
  }
}

const policies = new Set(['Foreground', 'Background', 'Orphan'])

function deleteQuery(query: URLSearchParams): Plain {
  const grace = query.get('gracePeriodSeconds')
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: parseInteger(grace) }),
    ...(query.get('propagationPolicy') ? { propagationPolicy: query.get('propagationPolicy') } : {}),
    ...(query.has('orphanDependents') ? { orphanDependents: isTrue(query.get('orphanDependents')) } : {}),
    dryRun: query.getAll('dryRun'),
  }
}

function invalid<Options>(kind: string, errors: FieldError[]): Checked<Options> {
  return { refused: status.invalid({ group: 'meta.k8s.io', resource: kind }, '', errors) }
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
