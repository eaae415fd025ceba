// Requests that ask for another protocol. A watch is served over a WebSocket; whatever else is asked for is answered as if
// nothing had been: HTTP lets a server ignore the wish, and clients expect that it does.
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'

/** Begins a watch on a socket that has switched protocols. */
export type BeginWatch = (socket: WebSocket) => void

/** @param prepareWatch looks whether a request is a watch that can begin; nothing when it has to be refused, or is no watch */
export function serveUpgrades(server: Server, prepareWatch: (request: IncomingMessage) => BeginWatch | undefined): void {
  let sockets: WebSocketServer | undefined
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const begin = isWebSocket(request) ? prepareWatch(request) : undefined
    if (!begin) return serveAgain(server, request, socket, head)
    if (!sockets) {
      const { WebSocketServer } = await import('ws')
      sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, handleProtocols: chooseProtocol })
    }
    sockets.handleUpgrade(request, socket, head, begin)
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    upgrade(request, socket, head).catch(() => socket.destroy())
  })
}

// Watchers have nothing to say.
const messageBytesMax = 64 * 1024

const isWebSocket = ({ method, headers }: IncomingMessage) => method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'

const tokenPrefix = 'base64url.bearer.authorization.k8s.io.'

/** Credentials that browsers hide among the protocols are none. Upstream: apiserver/pkg/authentication/request/websocket/protocol.go */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return [...offered].find((protocol) => !protocol.startsWith(tokenPrefix)) ?? false
}

/** Puts the request back, without its wish, on a connection that is new to the server. */
function serveAgain(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const [name, value] = request.rawHeaders.slice(index, index + 2)
    const kept = name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value
    if (name.toLowerCase() !== 'upgrade' && kept) lines.push(`${name}: ${kept}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}

function withoutUpgrade(connection: string): string {
  const tokens = connection.split(',').map((token) => token.trim())
  return tokens.filter((token) => !['upgrade', 'http2-settings'].includes(token.toLowerCase())).join(', ')
}
