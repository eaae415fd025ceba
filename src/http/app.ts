// The HTTP server: fastify with one route for all resources, and a few for what is not a resource.
import { type IncomingMessage, METHODS, type ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { failure, isStatus, type Shape, type Status, StatusError, status, type UserInfo } from '../machinery/index.js'
import type { Call, Realm } from '../registry/index.js'
import {
  answerHalfClosed,
  type ConnectionLimits,
  connectionLimits,
  connectionOptions,
  encourage,
  followConnections,
  isHostMissing,
  isHTTP2,
  limitBodyTime,
  type TLSFiles,
  tellWaitingAnswers,
  trustClients,
} from './connections.js'
import { type Exchange, makeExchange, sendStatus } from './exchange.js'
import { flowClassification } from './flow-classification.js'
import { isProbe, refuseOneTooMany } from './overload.js'
import { type ResourceRoutes, serveResource } from './resource-routes.js'
import { type BeginWatch, serveUpgrades } from './upgrades.js'
import { type OpenWatches, openWatch, serveHTTPWatch, serveWebSocketWatch } from './watch-routes.js'

export interface AppOptions {
  realm: Realm
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  /** Hears of mistakes of ours. What fastify itself would say is told by nobody: where it listens, who went away. */
  logger: { error(details: object, message: string): void }
  /** Makes it an HTTPS server. */
  tls?: TLSFiles
  /** Who asks, or why it is not answered. */
  identify(request: IncomingMessage): UserInfo | Status
  openWatches: OpenWatches
  /** Adds routes that are not resources: discovery, health, metrics. */
  addRoutes(app: FastifyInstance): void
  /** Counts a request from its first look until its answer is out. @returns whether it is one too many */
  track?(request: IncomingMessage, response: ServerResponse): boolean
  /** Hears of every server before it listens, so that there are never more connections than the process may have. */
  limitConnections?(server: Server): void
  limits?: Partial<ConnectionLimits>
}

// Upstream: apiserver MaxRequestBodyBytes
const bodyBytesMax = 3 * 1024 * 1024

declare module 'fastify' {
  interface FastifyRequest {
    user: UserInfo
    /** Headers that say how the request was classified. */
    flow: Readonly<Record<string, string>> | undefined
  }
}

export function createApp(options: AppOptions): FastifyInstance {
  const limits = { ...connectionLimits, ...options.limits }
  const app = fastify({
    ...connectionOptions(options.tls, limits),
    bodyLimit: bodyBytesMax,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: limits.headerBytesMax },
    rewriteUrl: (request) => {
      settleMethod(request)
      return pathOf(request)
    },
    // A path that cannot be decoded never comes to a route.
    frameworkErrors: (error, request, reply) => answerError(options, error, request as FastifyRequest, reply as FastifyReply),
  }) as FastifyInstance
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.decorateRequest('user')
  app.decorateRequest('flow')
  const classify = flowClassification(options.realm)
  app.addHook('onRequest', async (request, reply) => {
    if (isHTTP2(request.raw)) {
      // HTTP/2 does not say ahead that a body comes; told so, fastify looks for one even where nothing says what it is.
      request.headers['transfer-encoding'] ??= 'chunked'
      limitBodyTime(request.raw, limits.requestMillis, (refusal) => sendStatus(exchangeOf(options, request, reply.hijack()), refusal))
    }
    settleMediaType(request)
    identify(options, request, reply)
    if (request.user) request.flow = classify(request.user, request.raw)
  })
  app.setErrorHandler((error: Error, request, reply) => answerError(options, error, request, reply))
  const routes = {
    ...options,
    serveWatch: (...watch: Parameters<ResourceRoutes['serveWatch']>) => serveHTTPWatch(options.openWatches, options.realm, ...watch),
  }
  const serve = (request: FastifyRequest, reply: FastifyReply) => {
    serveAPI(options, routes, request, reply)
  }
  app.setNotFoundHandler(serve)
  options.addRoutes(app)
  for (const url of ['/api/*', '/apis/*']) app.all(url, serve)
  if (options.tls) trustClients(app.server, options.tls)
  encourage(app.server)
  answerHalfClosed(app.server)
  tellWaitingAnswers(app.server)
  options.limitConnections?.(app.server)
  const endConnections = followConnections(app.server, limits)
  app.addHook('preClose', async () => endConnections())
  serveUpgrades(app.server, (request) => prepareWatch(options, request))
  return app
}

/** fastify has ideas of its own about methods it does not know, and about QUERY: they go the way of those that no route serves. */
function settleMethod(request: { method?: string }): void {
  const { method = '' } = request
  if (!settledMethods.has(method)) request.method = 'TRACE'
}

const settledMethods = new Set(METHODS.filter((method) => method !== 'QUERY'))

/** fastify refuses media types that it cannot read before anybody looks at the path. What a type is, is for others to say. */
function settleMediaType(request: FastifyRequest): void {
  const type = request.raw.headers['content-type']
  if (type !== undefined && !readableType.test(type)) request.headers = { 'content-type': 'application/octet-stream' }
}

const readableType = /^[\w.+-]+\/[\w.+-]+$/

/** Proxies name the whole URL. */
function pathOf({ url = '/' }: { url?: string }): string {
  return url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
}

function identify(options: AppOptions, request: FastifyRequest, reply: FastifyReply): void {
  const isTooMany = options.track?.(request.raw, reply.raw)
  const user = protocolProblem(request.raw) ?? options.identify(request.raw)
  if (isStatus(user)) sendStatus(exchangeOf(options, request, reply.hijack()), user)
  else if (isTooMany && !isProbe(request.raw)) refuseOneTooMany(exchangeOf(options, request, reply.hijack()))
  else request.user = user
}

function protocolProblem(request: IncomingMessage): Status | undefined {
  if (isHostMissing(request)) return status.badRequest('malformed HTTP request: missing required Host header')
  // Upstream: net/http server.go http1ServerSupportsRequest
  return request.httpVersionMajor === 1 || isHTTP2(request) ? undefined : failure(505, '', 'unsupported protocol version')
}

/** Never rejects. */
async function serveAPI(options: AppOptions, routes: ResourceRoutes, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.hijack()
  const exchange = exchangeOf(options, request, reply)
  try {
    await serveResource(routes, exchange)
  } catch (error) {
    sendMistake(options, exchange, error as Error)
  }
}

/** A mistake of ours: told to the client, and to whoever reads the log. */
function sendMistake({ logger }: AppOptions, exchange: Exchange, error: Error): void {
  const { method, url } = exchange.request
  logger.error({ err: error, method, url }, 'a request failed for no reason of its own')
  sendStatus(exchange, status.internalError(error.message))
}

function answerError(options: AppOptions, error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  if (request.raw.destroyed || request.raw.errored) return
  const exchange = exchangeOf(options, request, reply)
  const refusal = error instanceof StatusError ? error.status : refusalOf(error.code ?? '', request.raw)
  if (refusal) sendStatus(exchange, refusal)
  else sendMistake(options, exchange, error)
}

/** What fastify refuses before a route is asked, in upstream's words. */
function refusalOf(code: string, { url = '' }: IncomingMessage): Status | undefined {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return status.tooLarge(`limit is ${bodyBytesMax}`)
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return status.badRequest('the body of the request does not have the length it claims')
  if (code === 'FST_ERR_BAD_URL') return status.badRequest(`malformed HTTP request: invalid URL escape in ${JSON.stringify(url.slice(0, shownURLMax))}`)
  return undefined
}

const shownURLMax = 200

/** The exchange of a fastify request, for routes that write their own answer. */
export function exchangeOf({ shapeOf }: Pick<AppOptions, 'shapeOf'>, request: FastifyRequest, reply: FastifyReply): Exchange {
  const body = Buffer.isBuffer(request.body) ? request.body : undefined
  return makeExchange({ request: request.raw, response: reply.raw, user: request.user, flow: request.flow, body, shapeOf })
}

/** A watch that can begin over a WebSocket. Whatever stands in its way is found again, and told, when it is answered without one. */
function prepareWatch(options: AppOptions, request: IncomingMessage): BeginWatch | undefined {
  const { realm, openWatches, shapeOf } = options
  const user = options.identify(request)
  if (isStatus(user)) return undefined
  let begin: BeginWatch | undefined
  const prepare = (exchange: Exchange, call: Call, context: Parameters<typeof serveHTTPWatch>[4]) => {
    openWatch(realm, exchange, call)
    // Looked at now, opened when the socket is there: time passes between the two.
    begin = (socket) => serveWebSocketWatch(openWatches, realm, openWatch(realm, exchange, call), call, context, socket)
  }
  const response = { destroyed: true } as ServerResponse
  const exchange = makeExchange({ request, response, user, body: undefined, shapeOf })
  serveResource({ ...options, serveWatch: prepare }, exchange).catch(() => {})
  return begin
}
