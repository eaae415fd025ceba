// OpenAPI over HTTP: the index of documents, each document, and the one document of version 2.
// Upstream: kube-openapi/pkg/handler/handler.go, kube-openapi/pkg/handler3/handler.go, kube-aggregator/pkg/controllers/openapiv3/aggregator
// Differs: ranges of bytes are not served; upstream's file server has them unasked.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Shape, status } from '../machinery/index.js'
import { clausesOf } from './accept-header.js'
import { exchangeOf } from './app.js'
import { acceptsGzip, type Exchange, send, sendEmpty, sendStatus } from './exchange.js'

export type OpenAPIFormat = 'json' | 'protobuf'

export interface OpenAPIDocument {
  /** SHA-512 of the JSON in upper-case hexadecimal digits. */
  readonly hash: string
  readonly modified: Date
  bytes(format: OpenAPIFormat, isCompressed: boolean): Promise<Buffer>
}

export interface OpenAPIDocuments {
  /** The hash of each document, by its place below /openapi/v3/, in order. */
  hashes(): Promise<ReadonlyMap<string, string>>
  document(key: string): Promise<OpenAPIDocument | undefined>
  /** The document of version 2. */
  swagger(): Promise<OpenAPIDocument>
}

export interface OpenAPIRoutesOptions {
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  /** Loads what makes documents; the same for all ports of a server. */
  documents(): Promise<OpenAPIDocuments>
  /** Milliseconds since the epoch. */
  now(): number
}

type Route = (exchange: Exchange, documents: OpenAPIDocuments, rest: string) => Promise<void>

export function addOpenAPIRoutes(app: FastifyInstance, options: OpenAPIRoutesOptions): void {
  const serve = (url: string, route: Route) =>
    app.all(url, async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      const { '*': rest = '' } = request.params as { '*'?: string }
      const exchange = exchangeOf(options, request, reply)
      try {
        await route(exchange, await options.documents(), rest)
      } catch (error) {
        request.log.error({ err: error, url: request.url }, 'an OpenAPI document could not be made')
        sendStatus(exchange, status.internalError((error as Error).message))
      }
    })
  serve('/openapi/v2', async (exchange, documents) => sendDocument(exchange, await documents.swagger(), formatsOf('v2')))
  serve('/openapi/v3', async (exchange, documents) => sendIndex(exchange, await documents.hashes(), new Date(options.now())))
  serve('/openapi/v3/*', async (exchange, documents, key) => {
    const document = await documents.document(key)
    // Upstream writes no body here.
    if (document) await sendVersion3(exchange, document, { key, now: options.now() })
    else sendEmpty(exchange, 404, { 'Content-Length': 0 })
  })
}

interface OfferedFormat {
  format: OpenAPIFormat
  contentType: string
}

/** What can be asked for, first the one that an asterisk means. The spelling with an at sign is old, and refused by strict parsers. */
function formatsOf(version: 'v2' | 'v3'): ReadonlyMap<string, OfferedFormat> {
  const protobuf = `application/com.github.proto-openapi.spec.${version}.v1.0+protobuf`
  return new Map<string, OfferedFormat>([
    ['application/json', { format: 'json', contentType: 'application/json' }],
    [protobuf, { format: 'protobuf', contentType: protobuf }],
    [protobuf.replace('.v1.0', '@v1.0'), { format: 'protobuf', contentType: protobuf }],
  ])
}

function formatFor(accept: string | undefined, offered: ReadonlyMap<string, OfferedFormat>): OfferedFormat | undefined {
  const [first] = offered.values()
  for (const { type } of clausesOf(accept || '*/*')) {
    const found = type === '*/*' || type === 'application/*' ? first : offered.get(type)
    if (found) return found
  }
  return undefined
}

// Upstream's aggregator leaves the type of the index to be guessed from its bytes, and the guess is plain text.
function sendIndex(exchange: Exchange, hashes: ReadonlyMap<string, string>, now: Date): void {
  const paths = Object.fromEntries([...hashes].map(([key, hash]) => [key, { serverRelativeURL: urlOf(key, hash) }]))
  send(exchange, 200, { body: JSON.stringify({ paths }), contentType: 'text/plain; charset=utf-8' }, { 'Last-Modified': now.toUTCString() })
}

const urlOf = (key: string, hash: string) => `/openapi/v3/${key}?hash=${hash}`

/** With the right hash the answer never changes, with a wrong one the client is sent to the right one. */
async function sendVersion3(exchange: Exchange, document: OpenAPIDocument, { key, now }: { key: string; now: number }): Promise<void> {
  const formats = formatsOf('v3')
  const asked = exchange.query.get('hash')
  if (!asked) return sendDocument(exchange, document, formats)
  if (asked === document.hash) {
    return sendDocument(exchange, document, formats, { 'Cache-Control': 'public, immutable', Expires: new Date(now + yearMillis).toUTCString() })
  }
  const chosen = formatFor(exchange.request.headers.accept, formats)
  if (!chosen) return sendNotAcceptable(exchange)
  const headers = { ...documentHeaders(document), 'Content-Type': chosen.contentType, 'Content-Length': 0 }
  sendEmpty(exchange, 301, { ...headers, Location: urlOf(key, document.hash) })
}

const yearMillis = 365 * 24 * 60 * 60 * 1000

const documentHeaders = ({ hash }: OpenAPIDocument) => ({ ETag: `"${hash}"`, Vary: 'Accept' })
const sendNotAcceptable = (exchange: Exchange) => sendEmpty(exchange, 406, { Vary: 'Accept', 'Content-Length': 0 })

async function sendDocument(
  exchange: Exchange,
  document: OpenAPIDocument,
  offered: ReadonlyMap<string, OfferedFormat>,
  more: Record<string, string> = {},
): Promise<void> {
  const chosen = formatFor(exchange.request.headers.accept, offered)
  if (!chosen) return sendNotAcceptable(exchange)
  const headers = { ...documentHeaders(document), 'Last-Modified': document.modified.toUTCString(), ...more }
  if (isKnown(exchange.request.headers, document)) return sendEmpty(exchange, 304, headers)
  const isCompressed = acceptsGzip(exchange.request)
  const bytes = await document.bytes(chosen.format, isCompressed)
  const encoding = isCompressed ? { 'Content-Encoding': 'gzip', Vary: 'Accept, Accept-Encoding' } : {}
  send(exchange, 200, { body: [bytes], contentType: chosen.contentType }, { ...headers, ...encoding })
}

/** Whether the client has it already. Without a tag of the client, the time of its copy decides. */
function isKnown(headers: Exchange['request']['headers'], { hash, modified }: OpenAPIDocument): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${hash}"`)
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since
}
