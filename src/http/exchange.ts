// One request on its way through the server, and the only place that writes its answer.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Shape, Status, UserInfo } from '../machinery/index.js'
import { writeBody } from './body/write-body.js'
import { negotiate, type Representation } from './negotiation.js'
import { isExactlyTrue, parseQuery } from './query.js'
import { type Encoded, encodeValue } from './reply.js'
import { warningHeaders } from './warnings.js'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  readonly user: UserInfo
  /** Headers that say how the request was classified. */
  readonly flow?: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  readonly warnings: string[]
  readonly isPretty: boolean
  shapeOf(apiVersion: string, kind: string): Shape | undefined
}

export interface ExchangeParts extends Pick<Exchange, 'request' | 'response' | 'user' | 'flow' | 'body' | 'shapeOf'> {}

export function makeExchange(parts: ExchangeParts): Exchange {
  const { request, response, user, flow, body, shapeOf } = parts
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const query = mark < 0 ? noQuery : parseQuery(url.slice(mark + 1))
  const isPretty = wantsPretty(query, request.headers['user-agent'])
  const path = mark < 0 ? url : url.slice(0, mark)
  // Member by member: each request passes here.
  return { request, response, path, query, user, flow, body, warnings: [], isPretty, shapeOf }
}

// Nobody changes a query, so that those without one can share it.
const noQuery = new URLSearchParams()

/** Writes a whole answer. */
export function send(exchange: Exchange, code: number, { body, contentType }: Encoded, more?: OutgoingHttpHeaders): void {
  const { request, response } = exchange
  if (response.destroyed || response.headersSent) return
  const headers = commonHeaders(exchange)
  headers['Content-Type'] = contentType
  if (more) Object.assign(headers, more)
  writeBody(response, { code, headers, body, acceptsGzip: () => acceptsGzip(request) })
}

/** An answer of headers alone. */
export function sendEmpty(exchange: Exchange, code: number, headers: OutgoingHttpHeaders): void {
  const { response } = exchange
  if (response.destroyed || response.headersSent) return
  response.writeHead(code, { ...commonHeaders(exchange), ...headers }).end()
}

/** Upstream looks for the word alone: with a quality behind it it is none. */
export function acceptsGzip({ headers }: IncomingMessage): boolean {
  return String(headers['accept-encoding'] ?? '')
    .split(',')
    .some((each) => each.trim() === 'gzip')
}

// As the client gave it, if a header can say it.
const auditIDSyntax = /^[\t\x20-\x7e\x80-\xff]+$/

export function commonHeaders({ request, warnings, flow }: Exchange): OutgoingHttpHeaders {
  const given = request.headers['audit-id']
  return {
    'Audit-Id': typeof given === 'string' && auditIDSyntax.test(given) ? given : randomUUID(),
    'Cache-Control': 'no-cache, private',
    ...flow,
    ...(warnings.length ? { Warning: warningHeaders(warnings) } : {}),
  }
}

/** Writes a Status in the format the client accepts; JSON when it accepts nothing we have. */
export function sendStatus(exchange: Exchange, failure: Status): void {
  const representation = negotiate(exchange.request.headers.accept, 'plain')
  const isAcceptable = !('kind' in representation)
  const encoded = encodeValue(failure, {
    representation: isAcceptable ? representation : json,
    isPretty: exchange.isPretty || !isAcceptable,
    shapeOf: exchange.shapeOf,
  })
  const seconds = failure.details?.retryAfterSeconds
  send(exchange, failure.code ?? 500, encoded, seconds ? { 'Retry-After': String(seconds) } : undefined)
}

const json: Representation = { format: 'json', version: 'v1', contentType: 'application/json' }

/** The answer under no served prefix. */
export function sendNoSuchPath(exchange: Exchange): void {
  send(exchange, 404, { body: '404 page not found\n', contentType: 'text/plain; charset=utf-8' }, { 'X-Content-Type-Options': 'nosniff' })
}

const prettyAgents = /^(?:curl|Wget|Mozilla\/5\.0)/

/** `pretty` in the query wins; people with browsers and curl get it unasked. */
function wantsPretty(query: URLSearchParams, userAgent = ''): boolean {
  const asked = query === noQuery ? null : query.get('pretty')
  return asked ? isExactlyTrue(asked) : prettyAgents.test(userAgent)
}
