// A web page in the developer's browser must not drive the API. Browsers say where a request comes from; a name that was
// bent to a loopback address afterwards (DNS rebinding) shows in Host. Clients that are no browsers pass.
import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import { type Status, status } from '../machinery/index.js'

export interface OriginCheckOptions {
  /** Bound to a loopback address: only known names may lead here. */
  isLoopback: boolean
  /** Names beyond `localhost` and addresses that lead here: those of the server certificate. */
  hostNames: readonly string[]
}

/** @returns why the request is refused, or nothing */
export type OriginCheck = (headers: IncomingHttpHeaders) => Status | undefined

export function originCheck({ isLoopback, hostNames }: OriginCheckOptions): OriginCheck {
  const known = new Set(hostNames.map((name) => name.toLowerCase()))
  // Clients name one host again and again.
  let lastKnown: string | undefined
  return (headers) => {
    const host = headers.host ?? (headers[':authority'] as string | undefined)
    if (isLoopback && host !== undefined && host !== lastKnown) {
      if (!isKnownHost(host, known)) return refusal(`the host name ${JSON.stringify(host)} does not belong to this server: use localhost or 127.0.0.1`)
      lastKnown = host
    }
    const site = headers['sec-fetch-site']
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return refusal('web pages of another site may not use this server')
    const { origin } = headers
    if (origin !== undefined && !isSameHost(origin, host)) return refusal(`web pages of ${JSON.stringify(origin)} may not use this server`)
    return undefined
  }
}

const refusal = (cause: string) => status.forbidden({ group: '', resource: '' }, '', cause)

// Docker's own name for the machine it runs on; the top-level domain can belong to nobody.
const dockerHost = 'host.docker.internal'

/** Addresses are known: to bend a name, an attacker needs a name. */
function isKnownHost(host: string, known: ReadonlySet<string>): boolean {
  const name = hostNameOf(host)
  return name === 'localhost' || name.endsWith('.localhost') || name === dockerHost || isIP(name) !== 0 || known.has(name)
}

const hostSyntax = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([^:@/\\?#[\]\s]{1,253}?)\.?)(?::\d{0,5})?$/

/** The name or address of a Host header, without port and brackets; empty when it is malformed. */
function hostNameOf(host: string): string {
  const match = hostSyntax.exec(host)
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase()
}

/** Some clients send the server's own URL as Origin. The scheme is left out: a proxy may have ended TLS. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false
  const { protocol, host: own } = new URL(origin)
  if ((protocol !== 'http:' && protocol !== 'https:') || !URL.canParse(`${protocol}//${host}`)) return false
  return own === new URL(`${protocol}//${host}`).host
}
