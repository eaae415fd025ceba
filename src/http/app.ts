// The HTTP server: fastify with one route for all resources, and a few for what is not a resource.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify'
import { isStatus, type Shape, type Status, StatusError, status, type UserInfo } from '../machinery/index.js'
import type { Call, Realm } from '../registry/index.js'
import { type Exchange, sendNoSuchPath, sendStatus, wantsPretty } from './exchange.js'
import { negotiate } from './negotiation.js'
import { isTrue } from './query.js'
import { requestInfo } from './request-info.js'
import { serveResource } from './resource-routes.js'
import { type OpenWatches, openWatch, serveHTTPWatch, serveWebSocketWatch } from './watch-routes.js'

export interface AppOptions {
  realm: Realm
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  logger: FastifyBaseLogger
  /** Certificates of an HTTPS server. */
  tls?: { key: string; cert: string; ca: string }
  /** Who asks, or why it is not answered. */
  identify(request: IncomingMessage): UserInfo | Status
  openWatches: OpenWatches
  /** Adds routes that are not resources: discovery, health, metrics. */
  addRoutes(app: FastifyInstance): void
  /** Counts a request from its first look until its answer is out. */
  track?(request: IncomingMessage, response: ServerResponse): void
}

// Upstream: apiserver MaxRequestBodyBytes
const bodyBytesMax = 3 * 1024 * 1024
// Clients reuse connections for longer than Node's default of five seconds: a race between reuse and close fails requests.
const keepAliveMillis = 180_000

declare module 'fastify' {
  interface FastifyRequest {
    user: UserInfo
  }
}

export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify(serverOptions(options))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.decorateRequest('user')
  app.addHook('onRequest', async (request, reply) => identify(options, request, reply))
  app.setErrorHandler((error: Error & { code?: string }, request, reply) => answerError(options, error, request, reply))
  app.setNotFoundHandler((request, reply) => {
    reply.hijack()
    sendNoSuchPath(exchangeOf(options, request, reply))
  })
  options.addRoutes(app)
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack()
    const exchange = exchangeOf(options, request, reply)
    try {
      await serveResource({ ...options, serveWatch: (...watch) => serveHTTPWatch(options.openWatches, options.realm, ...watch) }, exchange)
    } catch (error) {
      options.logger.error({ err: error, method: request.method, url: request.url }, 'a request failed for no reason of its own')
      sendStatus(exchange, status.internalError((error as Error).message))
    }
  }
  for (const url of ['/api/*', '/apis/*']) app.all(url, handler)
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => upgrade(options, request, socket, head))
  return app
}

function serverOptions({ logger, tls }: AppOptions): FastifyServerOptions {
  const secure = tls && { http2: true, https: { ...tls, allowHTTP1: true, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' } }
  return {
    loggerInstance: logger,
    disableRequestLogging: true,
    bodyLimit: bodyBytesMax,
    keepAliveTimeout: keepAliveMillis,
    requestTimeout: 0,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1024 },
    forceCloseConnections: true,
    ...secure,
  }
}

async function identify(options: AppOptions, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  options.track?.(request.raw, reply.raw)
  const user = options.identify(request.raw)
  if (!isStatus(user)) {
    request.user = user
    return
  }
  reply.hijack()
  sendStatus(exchangeOf(options, request, reply), user)
}

function answerError(options: AppOptions, error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  const exchange = exchangeOf(options, request, reply)
  if (error instanceof StatusError) sendStatus(exchange, error.status)
  else if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') sendStatus(exchange, status.tooLarge(`limit is ${bodyBytesMax}`))
  else if (error.code?.startsWith('FST_ERR_CTP')) sendStatus(exchange, status.badRequest(error.message))
  else {
    options.logger.error({ err: error, method: request.method, url: request.url }, 'a request failed for no reason of its own')
    sendStatus(exchange, status.internalError(error.message))
  }
}

/** The exchange of a fastify request, for routes that write their own answer. */
export function exchangeOf(options: Pick<AppOptions, 'shapeOf'>, request: FastifyRequest, reply: FastifyReply): Exchange {
  const body = Buffer.isBuffer(request.body) ? request.body : undefined
  return makeExchange(options, request.raw, reply.raw, request.user, body)
}

function makeExchange({ shapeOf }: Pick<AppOptions, 'shapeOf'>, request: IncomingMessage, response: ServerResponse, user: UserInfo, body: Buffer | undefined): Exchange {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  return {
    request,
    response,
    path: mark < 0 ? url : url.slice(0, mark),
    query,
    user,
    body,
    warnings: [],
    isPretty: wantsPretty(query, request.headers['user-agent']),
    shapeOf,
  }
}

/** A watch over a WebSocket. What is no watch, or no WebSocket, is refused without a switch of protocols. */
async function upgrade(options: AppOptions, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const response = { destroyed: false, headersSent: false } as unknown as ServerResponse
  const user = options.identify(request)
  if (isStatus(user)) return refuseUpgrade(socket, user)
  const exchange = makeExchange(options, request, response, user, undefined)
  const info = requestInfo({ method: request.method ?? 'GET', path: exchange.path, isWatch: isTrue(exchange.query.get('watch')) })
  const definition = info && options.realm.catalogue.find(info.apiVersion, info.resource)
  if (!info || !definition || info.verb !== 'watch' || request.headers.upgrade?.toLowerCase() !== 'websocket') return refuseUpgrade(socket, status.noSuchResource())
  const representation = negotiate(request.headers.accept, 'watch')
  if (isStatus(representation)) return refuseUpgrade(socket, representation)
  const call: Call = { definition, namespace: definition.namespaced ? info.namespace : '', name: info.name, subresource: '', user, warn: () => {} }
  try {
    const { WebSocketServer } = await import('ws')
    const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
    const opened = openWatch(options.realm, exchange, call)
    const context = { definition, representation, isPretty: false, now: options.realm.now(), shapeOf: options.shapeOf }
    server.handleUpgrade(request, socket, head, (webSocket) => serveWebSocketWatch(options.openWatches, options.realm, opened, call, context, webSocket))
  } catch (error) {
    refuseUpgrade(socket, error instanceof StatusError ? error.status : status.internalError((error as Error).message))
  }
}

function refuseUpgrade(socket: Duplex, failure: Status): void {
  const body = `${JSON.stringify(failure)}\n`
  socket.end(`HTTP/1.1 ${failure.code ?? 500} ${failure.reason || 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
}
