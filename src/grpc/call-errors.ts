// The one table from Status to gRPC code, and the trailers in which the whole Status travels.
import { status as codes, Metadata, type ServiceError } from '@grpc/grpc-js'
import { type Plain, type Status, type StatusDetails, StatusError, status } from '../machinery/index.js'
import type { Messages } from './messages.js'

/** By reason where a reason tells more than its HTTP code, else by HTTP code. */
const codesByReason: Record<string, codes> = { AlreadyExists: codes.ALREADY_EXISTS, Conflict: codes.ABORTED, Invalid: codes.INVALID_ARGUMENT }
const codesByHTTPCode: Record<number, codes> = {
  400: codes.INVALID_ARGUMENT,
  401: codes.UNAUTHENTICATED,
  403: codes.PERMISSION_DENIED,
  404: codes.NOT_FOUND,
  405: codes.UNIMPLEMENTED,
  406: codes.INVALID_ARGUMENT,
  409: codes.ABORTED,
  410: codes.OUT_OF_RANGE,
  413: codes.RESOURCE_EXHAUSTED,
  415: codes.INVALID_ARGUMENT,
  422: codes.INVALID_ARGUMENT,
  429: codes.RESOURCE_EXHAUSTED,
  500: codes.INTERNAL,
  503: codes.UNAVAILABLE,
  // The server gave up, not the caller's deadline: trying again may help.
  504: codes.UNAVAILABLE,
}

export function codeOf({ reason = '', code = 500 }: Status): codes {
  return codesByReason[reason] ?? codesByHTTPCode[code] ?? codes.UNKNOWN
}

// Clients take 8 KiB of trailers, encoded; what is longer is told in part.
const detailsBytesMax = 4096
const messageCharactersMax = 1024

/** The error of a call, with the Status in `grpc-status-details-bin`. */
export function callError(messages: Messages, failure: Status, warnings: readonly string[] = []): ServiceError {
  const code = codeOf(failure)
  const details = shortened(failure.message ?? failure.reason ?? '', messageCharactersMax)
  const metadata = trailersOf(warnings)
  metadata.set('grpc-status-details-bin', encodeDetails(messages, failure, { code, message: details }))
  return Object.assign(new Error(details), { code, details, metadata })
}

/** The whole Status where it fits; else a shorter message, and as many causes as there is room for. */
function encodeDetails(messages: Messages, failure: Status, told: { code: codes; message: string }): Buffer {
  const whole = encodeStatus(messages, failure, told)
  if (whole.length <= detailsBytesMax) return whole
  const causes = failure.details?.causes ?? []
  for (let kept = causes.length; ; kept = Math.floor(kept / 2)) {
    const part = { ...failure, message: told.message, details: { ...failure.details, causes: causes.slice(0, kept) } }
    const encoded = encodeStatus(messages, part, told)
    if (encoded.length <= detailsBytesMax) return encoded
    // The name of something may be as long as a request.
    if (kept === 0) return encodeStatus(messages, { ...failure, message: told.message, details: shortTexts(failure.details ?? {}) }, told)
  }
}

function encodeStatus(messages: Messages, failure: Status, { code, message }: { code: codes; message: string }): Buffer {
  const any = (type: string, key: string, value: Plain) => ({ typeUrl: `type.googleapis.com/${type}`, value: messages.encode(key, value).toString('base64') })
  const details = [any('k8s.io.apimachinery.pkg.apis.meta.v1.Status', 'meta/v1.Status', failure)]
  const seconds = failure.details?.retryAfterSeconds
  if (seconds) details.push(any('google.rpc.RetryInfo', 'google/rpc.RetryInfo', { retryDelay: { seconds } }))
  return messages.encode('google/rpc.Status', { code, message, details })
}

const detailCharactersMax = 256

function shortTexts({ causes: _causes, ...details }: StatusDetails): StatusDetails {
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, typeof value === 'string' ? shortened(value, detailCharactersMax) : value]))
}

const shortened = (text: string, most: number) => (text.length <= most ? text : `${text.slice(0, most)}…`)

const warningsMax = 20
const warningCharactersMax = 256

/** One trailer `warning` a text, percent-encoded as gRPC encodes its own messages. */
export function trailersOf(warnings: readonly string[]): Metadata {
  const metadata = new Metadata()
  for (const text of [...new Set(warnings)].slice(0, warningsMax)) {
    // Half a character at the cut cannot be encoded.
    const whole = Buffer.from(shortened(text, warningCharactersMax)).toString()
    metadata.add('warning', whole.replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent))
  }
  return metadata
}

/** What was thrown, as a Status. Anything but a StatusError is a mistake of ours, and is logged. */
export function statusOf(error: unknown, logger: { error(details: object, text: string): void }, path: string): Status {
  if (error instanceof StatusError) return error.status
  logger.error({ err: error, path }, 'a call failed for no reason of its own')
  return status.internalError((error as Error).message)
}
