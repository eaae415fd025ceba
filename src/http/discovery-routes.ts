// What is served, told to clients: /api, /apis, and the lists below them, one by one or all in one answer.
// Upstream: apiserver/pkg/endpoints/discovery, kube-aggregator/pkg/apiserver/handler_apis.go
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isStatus, type Plain, printJSON, type ResourceDefinition, type Shape, status } from '../machinery/index.js'
import { apiGroup, apiGroupDiscoveryList, apiGroupList, apiResourceList, apiVersions, type Catalogue } from '../registry/index.js'
import { exchangeOf } from './app.js'
import { type Exchange, send, sendEmpty, sendNoSuchPath, sendStatus } from './exchange.js'
import { negotiate, type Representation } from './negotiation.js'
import { encodeValue } from './reply.js'

export interface DiscoveryRoutesOptions {
  catalogue: Catalogue
  shapeOf(apiVersion: string, kind: string): Shape | undefined
}

type Route = (exchange: Exchange, parameters: Record<string, string>) => void

export function addDiscoveryRoutes(app: FastifyInstance, options: DiscoveryRoutesOptions): void {
  const { catalogue } = options
  const aggregates = { core: aggregateOf(catalogue, 'core'), named: aggregateOf(catalogue, 'named') }
  const serve = (url: string, methods: 'GET' | 'any', route: Route) => {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      const exchange = exchangeOf(options, request, reply)
      if (methods === 'any' || request.method === methods) route(exchange, request.params as Record<string, string>)
      else sendStatus(exchange, status.methodNotAllowed())
    }
    // Generated clients of several languages ask with a slash at the end.
    for (const each of [url, `${url}/`]) app.all(each, handler)
  }
  const lists = (exchange: Exchange, apiVersion: string) => sendDocument(exchange, apiResourceList(catalogue.definitions(), apiVersion))
  serve('/api', 'GET', (exchange) => sendRoot(exchange, aggregates.core, () => apiVersions(catalogue.definitions(), addressOf(exchange))))
  // These two are upstream's aggregator's, which does not look at the method.
  serve('/apis', 'any', (exchange) => sendRoot(exchange, aggregates.named, () => apiGroupList(catalogue.definitions())))
  serve('/api/:version', 'GET', (exchange, { version }) => lists(exchange, version))
  serve('/apis/:group', 'any', (exchange, { group }) => sendDocument(exchange, apiGroup(catalogue.definitions(), group)))
  serve('/apis/:group/:version', 'GET', (exchange, { group, version }) => lists(exchange, `${group}/${version}`))
}

interface Aggregate {
  value: Plain
  etag: string
}

/** All of discovery with its hash, made once for each state of the catalogue. */
function aggregateOf(catalogue: Catalogue, of: 'core' | 'named'): () => Aggregate {
  let madeOf: readonly ResourceDefinition[] | undefined
  let aggregate: Aggregate
  return () => {
    const definitions = catalogue.definitions()
    if (definitions !== madeOf) {
      const value = apiGroupDiscoveryList(definitions, of)
      aggregate = { value, etag: `"${createHash('sha512').update(printJSON(value)).digest('hex').toUpperCase()}"` }
      madeOf = definitions
    }
    return aggregate
  }
}

function sendRoot(exchange: Exchange, aggregate: () => Aggregate, plain: () => Plain): void {
  const representation = negotiate(exchange.request.headers.accept, 'discovery')
  if (isStatus(representation)) sendStatus(exchange, representation)
  else if (representation.as) sendAggregate(exchange, aggregate(), representation)
  else sendEncoded(exchange, plain(), representation)
}

function sendDocument(exchange: Exchange, value: Plain | undefined): void {
  if (!value) {
    sendNoSuchPath(exchange)
    return
  }
  const representation = negotiate(exchange.request.headers.accept, 'plain')
  if (isStatus(representation)) sendStatus(exchange, representation)
  else sendEncoded(exchange, value, representation)
}

function sendAggregate(exchange: Exchange, { value, etag }: Aggregate, representation: Representation): void {
  const headers = { ETag: etag, Vary: 'Accept', 'Cache-Control': 'public' }
  if (exchange.request.headers['if-none-match'] === etag) sendEmpty(exchange, 304, headers)
  else sendEncoded(exchange, value, representation, headers)
}

function sendEncoded(exchange: Exchange, value: Plain, representation: Representation, headers: Record<string, string> = {}): void {
  const encoded = encodeValue(value, { representation, isPretty: exchange.isPretty, shapeOf: exchange.shapeOf })
  send(exchange, 200, { ...encoded, contentType: representation.contentType }, headers)
}

/** Where this client reaches the server. Differs: upstream names the one address it advertises, whoever asks. */
function addressOf({ request: { socket } }: Exchange): string {
  const { localPort } = socket
  const localAddress = (socket.localAddress ?? '127.0.0.1').replace(/^::ffff:/, '')
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}
