// The door: may this request come in, and who asks. Every request passes here before anything looks at it.
import type { IncomingMessage } from 'node:http'
import { type Status, status, type UserInfo } from '../machinery/index.js'
import { type AuthenticateToken, authenticate, type PeerSocket } from './authentication.js'
import { impersonate } from './impersonation.js'
import type { OriginCheck } from './origin-check.js'

export interface IdentificationOptions {
  checkOrigin: OriginCheck
  authenticateToken: AuthenticateToken
}

/** @returns who asks, or the Status the client gets */
export function identification({ checkOrigin, authenticateToken }: IdentificationOptions): (request: IncomingMessage) => UserInfo | Status {
  return (request) => {
    const refused = checkOrigin(request.headers)
    if (refused) return refused
    const socket = request.socket as unknown as PeerSocket & { encrypted?: boolean }
    const isSecure = socket.encrypted === true
    const user = authenticate({ headers: request.headers, ...(isSecure ? { socket } : {}), isTrusted: !isSecure }, authenticateToken)
    return user === 'unauthorized' ? status.unauthorized() : impersonate(user, request.rawHeaders)
  }
}
