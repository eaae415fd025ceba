// One request on its way through the server, and the only place that writes its answer.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { constants, gzip } from 'node:zlib'
import type { Shape, Status, UserInfo } from '../machinery/index.js'
import { negotiate, type Representation } from './negotiation.js'
import { type Encoded, encodeValue } from './reply.js'
import { isTrue } from './query.js'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  readonly user: UserInfo
  readonly body: Buffer | undefined
  readonly warnings: string[]
  readonly isPretty: boolean
  shapeOf(apiVersion: string, kind: string): Shape | undefined
}

// Upstream: apiserver/pkg/endpoints/handlers/responsewriters/writers.go defaultGzipThresholdBytes
const gzipThresholdBytes = 128 * 1024

/** Writes a whole answer. */
export function send(exchange: Exchange, code: number, { parts, contentType }: Encoded, more: OutgoingHttpHeaders = {}): void {
  const { request, response } = exchange
  if (response.destroyed || response.headersSent) return
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const headers: OutgoingHttpHeaders = { ...commonHeaders(exchange), 'Content-Type': contentType, ...more }
  if (length > gzipThresholdBytes && !headers['Content-Encoding'] && acceptsGzip(request)) return sendCompressed(response, code, parts, headers)
  headers['Content-Length'] = length
  response.writeHead(code, headers)
  if (parts.length === 1) response.end(parts[0])
  else if (length <= joinedBytesMax) response.end(Buffer.concat(parts, length))
  else {
    response.cork?.()
    for (const part of parts) response.write(part)
    response.end()
    response.uncork?.()
  }
}

/** An answer of headers alone. */
export function sendEmpty(exchange: Exchange, code: number, headers: OutgoingHttpHeaders): void {
  const { response } = exchange
  if (response.destroyed || response.headersSent) return
  response.writeHead(code, { ...commonHeaders(exchange), ...headers }).end()
}

// Below this, one copy is cheaper than many writes.
const joinedBytesMax = 1024 * 1024

function sendCompressed(response: ServerResponse, code: number, parts: Buffer[], headers: OutgoingHttpHeaders): void {
  gzip(Buffer.concat(parts), { level: constants.Z_BEST_SPEED }, (error, bytes) => {
    if (error || response.destroyed) return void response.destroy()
    const vary = headers.Vary ? `${headers.Vary}, Accept-Encoding` : 'Accept-Encoding'
    response.writeHead(code, { ...headers, 'Content-Encoding': 'gzip', Vary: vary, 'Content-Length': bytes.length })
    response.end(bytes)
  })
}

export function acceptsGzip({ headers }: IncomingMessage): boolean {
  return String(headers['accept-encoding'] ?? '').split(',').some((each) => each.trim().split(';')[0] === 'gzip')
}

const uuidLike = /^[\x21-\x7e]{1,128}$/

export function commonHeaders({ request, warnings }: Exchange): OutgoingHttpHeaders {
  const given = request.headers['audit-id']
  return {
    'Audit-Id': typeof given === 'string' && uuidLike.test(given) ? given : randomUUID(),
    'Cache-Control': 'no-cache, private',
    ...(warnings.length ? { Warning: warningHeaders(warnings) } : {}),
  }
}

// Upstream: apiserver/pkg/endpoints/filters/warning.go
const warningCharactersMax = 4096
const truncatedTo = 256

function warningHeaders(warnings: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a text with control characters is not sent
  const texts = [...new Set(warnings)].filter((text) => !/[\u0000-\u001f\u007f]/.test(text))
  const total = texts.reduce((sum, text) => sum + text.length, 0)
  let left = warningCharactersMax
  const kept = total <= warningCharactersMax ? texts : texts.map((text) => text.slice(0, truncatedTo)).filter((text) => (left -= text.length) >= 0)
  // Header values are latin1 on the wire of Node: other letters are sent as their UTF-8 bytes.
  return kept.map((text) => Buffer.from(`299 - "${text.replace(/["\\]/g, '\\$&')}"`, 'utf8').toString('latin1'))
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
  send(exchange, failure.code ?? 500, encoded, seconds ? { 'Retry-After': String(seconds) } : {})
}

const json: Representation = { format: 'json', version: 'v1', contentType: 'application/json' }

/** The answer under no served prefix. */
export function sendNoSuchPath(exchange: Exchange): void {
  send(exchange, 404, { parts: [Buffer.from('404 page not found\n')], contentType: 'text/plain; charset=utf-8' }, { 'X-Content-Type-Options': 'nosniff' })
}

const prettyAgents = /^(?:curl|Wget|Mozilla\/5\.0)/

/** `pretty` in the query wins; people with browsers and curl get it unasked. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  return query.has('pretty') ? isTrue(query.get('pretty')) : prettyAgents.test(userAgent ?? '')
}
