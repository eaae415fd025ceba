// Status: the one shape of failure, in Kubernetes' own words.
// Upstream: apimachinery/pkg/api/errors/errors.go
import type { FieldError } from './field-error.js'
import { aggregateMessage } from './field-error.js'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { resourceVersion?: string; continue?: string }
  status: 'Failure' | 'Success'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

/** Group and plural (or Kind) as messages write them: `deployments.apps`, `pods`. */
export interface Qualified {
  group: string
  resource: string
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason ? { reason } : {}),
    ...(details ? { details } : {}),
    code,
  }
}

export function success(details?: StatusDetails, code?: number): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', ...(details ? { details } : {}), ...(code ? { code } : {}) }
}

export function qualify({ group, resource }: Qualified): string {
  return group ? `${resource}.${group}` : resource
}

function detailsOf({ group, resource }: Qualified, name: string, more: StatusDetails = {}): StatusDetails {
  return { ...(name ? { name } : {}), ...(group ? { group } : {}), kind: resource, ...more }
}

// Differs: upstream lists all errors, be they a million. Nobody reads them, and their text would be a hundred times the body.
const errorsMax = 1000

export const status = {
  badRequest: (message: string) => failure(400, 'BadRequest', message),
  unauthorized: () => failure(401, 'Unauthorized', 'Unauthorized'),
  forbidden(resource: Qualified, name: string, cause: string, more: StatusDetails = {}) {
    const subject = resource.resource ? (name ? `${qualify(resource)} "${name}"` : qualify(resource)) : ''
    const message = subject ? `${subject} is forbidden: ${cause}` : `forbidden: ${cause}`
    return failure(403, 'Forbidden', message, resource.resource ? detailsOf(resource, name, more) : more)
  },
  notFound: (resource: Qualified, name: string) => failure(404, 'NotFound', `${qualify(resource)} "${name}" not found`, detailsOf(resource, name)),
  /** A path inside a served group version that leads nowhere. */
  noSuchResource: () => failure(404, 'NotFound', 'the server could not find the requested resource', {}),
  methodNotAllowed: () => failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {}),
  notAcceptable: (mediaTypes: readonly string[]) => failure(406, 'NotAcceptable', `only the following media types are accepted: ${mediaTypes.join(', ')}`),
  /** No route gives any of what is accepted; only representations of what a route gives are told apart further. */
  notRepresented: (mediaTypes: readonly string[]) =>
    failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${mediaTypes.join(', ')}`, {}),
  alreadyExists: (resource: Qualified, name: string) =>
    failure(409, 'AlreadyExists', `${qualify(resource)} "${name}" already exists`, detailsOf(resource, name)),
  conflict: (resource: Qualified, name: string, cause: string) =>
    failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualify(resource)} "${name}": ${cause}`, detailsOf(resource, name)),
  expired: (message: string) => failure(410, 'Expired', message),
  tooLarge: (detail: string) => failure(413, 'RequestEntityTooLarge', `Request entity too large: ${detail}`),
  unsupportedMediaType: (mediaTypes: readonly string[]) =>
    failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${mediaTypes.join(', ')}`),
  /** No route takes what is sent. */
  notConsumed: () => failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {}),
  /** All field errors of an object in one answer. `kind` is the Kind, not the resource. */
  invalid(kind: Qualified, name: string, all: readonly FieldError[]) {
    const errors = all.slice(0, errorsMax)
    const causes = errors.map((error) => ({ reason: error.type, message: error.body, field: error.field }))
    const subject = qualify(kind)
    const { group, resource } = kind
    const details: StatusDetails = { ...(name ? { name } : {}), ...(group ? { group } : {}), ...(resource ? { kind: resource } : {}), causes }
    return failure(422, 'Invalid', `${subject} "${name}" is invalid: ${aggregateMessage(errors)}`, details)
  },
  tooManyRequests: (message: string, details: StatusDetails = {}) => failure(429, 'TooManyRequests', message, details),
  internalError: (message: string) => failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] }),
  /** An error that upstream passes on without a reason of its own. */
  untyped: (message: string) => failure(500, '', message),
  timeout: (message: string, details: StatusDetails = {}) => failure(504, 'Timeout', `Timeout: ${message}`, details),
}

/** The one exception: a Status on its way to the client. Thrown by `registry/` only. */
export class StatusError extends Error {
  readonly status: Status
  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'failure')
    this.name = 'StatusError'
    this.status = status
  }
}
