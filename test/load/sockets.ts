// Clients of bare sockets: they can be slow, deaf, half closed, or gone.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectSecurely } from 'node:tls'

export const configMaps = '/api/v1/namespaces/default/configmaps'

// As many as end a body in chunks.
const endMax = 5

export interface BareClient {
  readonly socket: Socket
  /** What has come so far, as text; only as much as is asked to be kept. */
  text: string
  /** The last characters of it all. */
  end: string
  bytes: number
  isOver: boolean
  readonly over: Promise<void>
}

export interface BareOptions {
  /** Over TLS, as whom. */
  identity?: { cert: string; key: string }
  /** Reads nothing. */
  isDeaf?: boolean
  /** How many characters are kept. */
  kept?: number
  /** Goes on to read when the other side has said all it had to say, and the other way round. */
  allowHalfOpen?: boolean
}

export async function openBare(port: number, { identity, isDeaf = false, kept = 100_000, allowHalfOpen = false }: BareOptions = {}): Promise<BareClient> {
  const where = { port, host: '127.0.0.1', allowHalfOpen }
  // The server is on this machine: nobody stands between.
  const socket = identity ? connectSecurely({ ...where, ...identity, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }) : connect(where)
  socket.on('error', () => {})
  const client: BareClient = { socket, text: '', end: '', bytes: 0, isOver: false, over: new Promise((resolve) => socket.once('close', () => resolve())) }
  client.over.then(() => {
    client.isOver = true
  })
  await Promise.race([once(socket, identity ? 'secureConnect' : 'connect'), client.over])
  if (isDeaf) socket.pause()
  else
    socket.on('data', (chunk: Buffer) => {
      client.bytes += chunk.length
      if (client.text.length < kept) client.text += chunk.toString('latin1')
      client.end = (client.end + chunk.subarray(-endMax).toString('latin1')).slice(-endMax)
    })
  return client
}

export function requestText(method: string, path: string, headers: Record<string, string> = {}, body = ''): string {
  const length = body || method === 'POST' ? { 'Content-Length': String(body.length), 'Content-Type': 'application/json' } : {}
  const all = Object.entries({ Host: 'localhost', ...length, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${all.join('')}\r\n${body}`
}

export const configMapBody = (name: string, value = ''): string => JSON.stringify({ metadata: { name }, data: { value } })

/** Opens many, some at a time, so that the queue of the port does not overflow. */
export async function openMany<Client>(count: number, open: (index: number) => Promise<Client>, atOnce = 100): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) {
    const first = clients.length
    const size = Math.min(atOnce, count - first)
    clients.push(...(await Promise.all(Array.from({ length: size }, (_, index) => open(first + index)))))
  }
  return clients
}

/** Looks again and again. @returns whether it came to be so in time */
export async function comesTrue(isSo: () => boolean | Promise<boolean>, millisMax: number, everyMillis = 50): Promise<boolean> {
  const end = performance.now() + millisMax
  while (!(await isSo())) {
    if (performance.now() > end) return false
    await pause(everyMillis)
  }
  return true
}
