// What a client is told when too many requests are under way.
// Upstream: apiserver/pkg/server/filters/maxinflight.go
import { type Exchange, send } from './exchange.js'

// Upstream's own answer, which clients take as a wish to come again.
const retryAfterSeconds = 1
const words = 'Too many requests, please try again later.\n'

// Differs: upstream does not count its administrators. Here everybody is one, and the limits, which protect the others, are higher.
export function refuseOneTooMany(exchange: Exchange): void {
  const headers = { 'Retry-After': String(retryAfterSeconds), 'X-Content-Type-Options': 'nosniff' }
  send(exchange, 429, { body: words, contentType: 'text/plain; charset=utf-8' }, headers)
}
