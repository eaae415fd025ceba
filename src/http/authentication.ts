// Who asks: a client certificate, a bearer token, or whoever reaches the plain port.
// Upstream: apiserver/pkg/authentication/request/{x509,bearertoken,websocket}
import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { PeerCertificate } from 'node:tls'
import type { UserInfo } from '../machinery/index.js'

/** What became of a token; neither user nor error when it is nobody's. */
export interface TokenAnswer {
  user?: UserInfo
  /** Those of the wanted audiences that the token is meant for. */
  audiences?: string[]
  error?: string
}

/** @param audiences wanted by the one who asks; empty: the API itself */
export type AuthenticateToken = (token: string, audiences: readonly string[]) => TokenAnswer

export interface Credentials {
  headers: IncomingHttpHeaders
  /** The socket of a TLS connection. */
  socket?: PeerSocket
  /** Came in where no credentials are needed. */
  isTrusted: boolean
}

/** What of a TLS socket counts here. */
export interface PeerSocket {
  /** Whether the certificate of the client was signed by the authority of this server. */
  authorized: boolean
  getPeerCertificate(): Partial<PeerCertificate>
}

/** Who comes in over plain HTTP: the same administrator as the kubeconfig's. */
export const trustedUser: UserInfo = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

/**
 * Where credentials are needed, those who bring none are refused: as long as everybody may do everything there are no anonymous users.
 * Upstream: pkg/kubeapiserver/options/authentication.go ApplyAuthorization
 */
export function authenticate({ headers, socket, isTrusted }: Credentials, authenticateToken: AuthenticateToken): UserInfo | 'unauthorized' {
  const peer = socket ? peerOf(socket) : undefined
  if (peer) return peer
  const token = bearerToken(headers)
  if (token !== undefined) return authenticateToken(token, []).user ?? 'unauthorized'
  return isTrusted ? trustedUser : 'unauthorized'
}

// A connection keeps its certificate: it is read once.
const peers = new WeakMap<PeerSocket, UserInfo | 'unauthorized' | 'none'>()

function peerOf(socket: PeerSocket): UserInfo | 'unauthorized' | undefined {
  const peer = peers.get(socket) ?? readPeer(socket)
  peers.set(socket, peer)
  return peer === 'none' ? undefined : peer
}

function readPeer(socket: PeerSocket): UserInfo | 'unauthorized' | 'none' {
  const { subject, raw } = socket.getPeerCertificate()
  if (!subject || !raw) return 'none'
  if (!socket.authorized) return 'unauthorized'
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] }
  const username = listOf(CN).at(-1)
  if (!username) return 'none'
  const fingerprint = createHash('sha256').update(raw).digest('hex')
  return {
    username,
    groups: withAuthenticated(listOf(O)),
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  }
}

const listOf = (value: string | string[] | undefined) => (value === undefined ? [] : Array.isArray(value) ? value : [value])

/** Everybody who is known belongs to this group. */
export function withAuthenticated(groups: readonly string[]): string[] {
  return groups.includes('system:authenticated') ? [...groups] : [...groups, 'system:authenticated']
}

const webSocketPrefix = 'base64url.bearer.authorization.k8s.io.'

/** Other schemes than Bearer are no credentials here. Browsers cannot set headers on a WebSocket: they send a protocol. */
export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  const [scheme, token] = (headers.authorization ?? '').trim().split(' ', 2)
  if (token && scheme.toLowerCase() === 'bearer') return token
  if (!headers.upgrade) return undefined
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
  const encoded = protocols.find((each) => each.startsWith(webSocketPrefix))?.slice(webSocketPrefix.length)
  return encoded && /^[\w-]+$/.test(encoded) ? Buffer.from(encoded, 'base64url').toString('utf8') : undefined
}

/** Asks one after the other; the first user wins. @param issuer the audience that is meant when none is named */
export function authenticateTokenWith(files: ReadonlyMap<string, UserInfo>, accounts: AuthenticateToken, issuer: string): AuthenticateToken {
  return (token, audiences) => {
    const wanted = audiences.length ? audiences : [issuer]
    const user = files.get(token)
    if (user) {
      // A token of the file is meant for the API and nobody else.
      return wanted.includes(issuer) ? { user, audiences: [issuer] } : { error: 'invalid bearer token' }
    }
    const answer = accounts(token, wanted)
    if (answer.user) return answer
    return { error: answer.error ? `[invalid bearer token, ${answer.error}]` : 'invalid bearer token' }
  }
}
