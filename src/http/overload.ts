// What a client is told when too many requests are under way.
// Upstream: apiserver/pkg/server/filters/maxinflight.go
import type { IncomingMessage } from 'node:http'
import { type Exchange, send } from './exchange.js'

// Upstream's own answer, which clients take as a wish to come again.
const retryAfterSeconds = 1
const words = 'Too many requests, please try again later.\n'

const probed = new Set(['/healthz', '/livez', '/readyz'])

/** Whoever looks whether the server lives must not be told that it is busy. Upstream: the FlowSchema `probes`, which is exempt */
export function isProbe({ url = '/' }: IncomingMessage): boolean {
  return probed.has(url.split('?', 1)[0])
}

// Differs: upstream does not count its administrators. Here everybody is one, and the limits, which protect the others, are higher.
export function refuseOneTooMany(exchange: Exchange): void {
  const headers = { 'Retry-After': String(retryAfterSeconds), 'X-Content-Type-Options': 'nosniff' }
  send(exchange, 429, { body: words, contentType: 'text/plain; charset=utf-8' }, headers)
}
