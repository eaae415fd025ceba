// The options of a request message, checked as those of a URL are.
import { type DeleteOptions, type Plain, StatusError } from '../machinery/index.js'
import {
  type Checked,
  checkDeleteOptions,
  checkReadOptions,
  checkWriteOptions,
  type ReadOptions,
  type WriteKind,
  type WriteOptions,
} from '../registry/index.js'
import { wordOf } from './enum-words.js'

/** @throws {StatusError} 422 */
export function readOptionsOf(request: Plain, isWatch: boolean): ReadOptions {
  const options: ReadOptions = {
    labelSelector: request.labelSelector ?? '',
    fieldSelector: request.fieldSelector ?? '',
    limit: request.limit ?? 0,
    continue: request.continueToken ?? '',
    resourceVersion: request.resourceVersion ?? '',
    resourceVersionMatch: wordOf('resourceVersionMatch', request.resourceVersionMatch),
    allowWatchBookmarks: request.allowWatchBookmarks === true,
    ...(request.sendInitialEvents === undefined ? {} : { sendInitialEvents: request.sendInitialEvents }),
    ...(request.timeoutSeconds ? { timeoutSeconds: request.timeoutSeconds } : {}),
  }
  return checked(checkReadOptions(options, isWatch))
}

/** @throws {StatusError} 422 */
export function writeOptionsOf(request: Plain, kind: WriteKind, userAgent: string | undefined, isApply = false): WriteOptions {
  const given = {
    dryRun: dryRunOf(request),
    fieldManager: request.fieldManager ?? '',
    fieldValidation: wordOf('fieldValidation', request.fieldValidation),
    ...(isApply ? { force: request.force === true } : {}),
  }
  return checked(checkWriteOptions(given, kind, userAgent, isApply))
}

/** @throws {StatusError} 422 */
export function deleteOptionsOf(request: Plain): DeleteOptions {
  return checked(
    checkDeleteOptions({
      gracePeriodSeconds: request.gracePeriodSeconds,
      propagationPolicy: wordOf('propagationPolicy', request.propagationPolicy),
      preconditions: request.preconditions,
      dryRun: dryRunOf(request),
    }),
  )
}

const dryRunOf = ({ dryRun }: Plain) => (dryRun === true ? ['All'] : [])

function checked<Options>(result: Checked<Options>): Options {
  if ('refused' in result) throw new StatusError(result.refused)
  return result.options
}
