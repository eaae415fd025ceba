// Paths that are no resources: health, version, metrics, the keys of tokens, and the list of all paths.
// Upstream: apiserver/pkg/server/routes, apiserver/pkg/server/healthz
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Shape, status } from '../machinery/index.js'
import { exchangeOf } from './app.js'
import { type Exchange, send, sendNoSuchPath, sendStatus } from './exchange.js'
import { type HealthCheck, type HealthEndpoint, healthAnswer } from './health.js'
import type { Metrics } from './metrics.js'
import { versionInfo } from './version-info.js'

export interface PlainRoutesOptions {
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  checks: readonly HealthCheck[]
  metrics: Metrics
  /** Group versions that are served: `v1`, `apps/v1`. */
  groupVersions(): readonly string[]
  tokenKeys(): unknown
  openIDConfiguration(): unknown
}

type Route = (exchange: Exchange, rest: string) => void | Promise<void>

const endpoints: readonly HealthEndpoint[] = ['healthz', 'livez', 'readyz']

export function addPlainRoutes(app: FastifyInstance, options: PlainRoutesOptions): void {
  const serve = (url: string, methods: 'GET' | 'any', route: Route) =>
    app.all(url, async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      const exchange = exchangeOf(options, request, reply)
      const { '*': rest = '' } = request.params as { '*'?: string }
      if (methods === 'any' || request.method === methods) await route(exchange, rest)
      else sendStatus(exchange, status.methodNotAllowed())
    })
  for (const endpoint of endpoints) {
    const route: Route = (exchange, rest) => sendHealth(exchange, options.checks, endpoint, rest)
    serve(`/${endpoint}`, 'any', route)
    serve(`/${endpoint}/*`, 'any', route)
  }
  serve('/version', 'GET', (exchange) => sendJSON(exchange, versionInfo()))
  serve('/version/', 'GET', (exchange) => sendJSON(exchange, versionInfo()))
  serve('/', 'any', (exchange) => sendJSON(exchange, { paths: pathsOf(options) }))
  // The OpenAPI documents have these with a slash at the end.
  for (const end of ['', '/']) {
    serve(`/openid/v1/jwks${end}`, 'GET', (exchange) => sendDocument(exchange, options.tokenKeys(), 'application/jwk-set+json'))
    serve(`/.well-known/openid-configuration${end}`, 'GET', (exchange) => sendDocument(exchange, options.openIDConfiguration(), 'application/json'))
  }
  serve('/metrics', 'any', async (exchange) => {
    const { contentType, text } = await options.metrics.print()
    send(exchange, 200, { body: text, contentType })
  })
}

function sendHealth(exchange: Exchange, checks: readonly HealthCheck[], endpoint: HealthEndpoint, name: string): void {
  const answer = healthAnswer(checks, endpoint, exchange.query, name)
  if (!answer) {
    sendNoSuchPath(exchange)
    return
  }
  send(exchange, answer.code, { body: answer.text, contentType: 'text/plain; charset=utf-8' }, { 'X-Content-Type-Options': 'nosniff' })
}

/** These two are for people: always with line breaks. */
function sendJSON(exchange: Exchange, value: unknown): void {
  send(exchange, 200, { body: JSON.stringify(value, null, 2), contentType: 'application/json' })
}

function sendDocument(exchange: Exchange, value: unknown, contentType: string): void {
  send(exchange, 200, { body: JSON.stringify(value), contentType }, { 'Cache-Control': 'public, max-age=3600' })
}

/** Everything that can be asked for, sorted. */
function pathsOf({ groupVersions, checks }: PlainRoutesOptions): string[] {
  const served = groupVersions()
  const groups = served.filter((each) => each.includes('/')).map((each) => each.slice(0, each.indexOf('/')))
  const single = (endpoint: HealthEndpoint) =>
    checks.filter((check) => !check.endpoints || check.endpoints.includes(endpoint)).map(({ name }) => `/${endpoint}/${name}`)
  const paths = [
    '/.well-known/openid-configuration',
    '/api',
    '/apis',
    ...served.map((each) => (each.includes('/') ? `/apis/${each}` : `/api/${each}`)),
    ...groups.map((group) => `/apis/${group}`),
    ...endpoints.flatMap((endpoint) => [`/${endpoint}`, ...single(endpoint)]),
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/version',
  ]
  return [...new Set(paths)].sort()
}
