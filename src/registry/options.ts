// The options of reads, writes and deletions, checked alike for every wire.
// Upstream: apimachinery/pkg/apis/meta/internalversion/validation, apimachinery/pkg/apis/meta/v1/validation
import { type DeleteOptions, type FieldError, field, isObject, type Plain, type Status, status } from '../machinery/index.js'
import type { WriteOptions } from './realm.js'
import type { WatchOptions } from './watch.js'

export type Checked<Options> = { options: Options } | { refused: Status }

export interface ReadOptions extends WatchOptions {
  timeoutSeconds?: number
  includeObject?: string
}

export function checkReadOptions(options: ReadOptions, isWatch: boolean): Checked<ReadOptions> {
  const errors = isWatch ? watchErrors(options) : listErrors(options)
  return errors.length ? invalid('ListOptions', errors) : { options }
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

/** Options of a write as a client gives them. */
export interface GivenWriteOptions {
  dryRun: readonly string[]
  fieldManager: string
  fieldValidation: string
  /** Absent: nothing said. */
  force?: boolean
}

/** @param userAgent names the field manager when the options do not */
export function checkWriteOptions(given: GivenWriteOptions, kind: WriteKind, userAgent: string | undefined, isApply = false): Checked<WriteOptions> {
  const { dryRun, fieldManager, fieldValidation } = given
  const errors = [...managerErrors(fieldManager, isApply), ...dryRunErrors(dryRun)]
  if (fieldValidation && !validations.has(fieldValidation))
    errors.push(field.notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']))
  if (kind === 'PatchOptions' && !isApply && given.force !== undefined) errors.unshift(field.forbidden('force', 'may not be specified for non-apply patch'))
  if (errors.length) return invalid(kind, errors)
  return {
    options: {
      dryRun: dryRun.includes('All'),
      fieldManager: fieldManager || managerOf(userAgent),
      fieldValidation: (fieldValidation || 'Warn') as WriteOptions['fieldValidation'],
      ...(isApply ? { force: given.force === true } : {}),
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

/** @param given DeleteOptions as a client sends them */
export function checkDeleteOptions(given: Plain): Checked<DeleteOptions> {
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun = [] } = given
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

function invalid<Options>(kind: string, errors: FieldError[]): Checked<Options> {
  return { refused: status.invalid({ group: 'meta.k8s.io', resource: kind }, '', errors) }
}
