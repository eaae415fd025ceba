// Client: the least HTTP that a conversation needs, so that nothing between the recording and the wire adds or hides anything.
import { Agent as HTTPAgent, type IncomingMessage, request as requestHTTP } from 'node:http'
import { Agent as HTTPSAgent, request as requestHTTPS } from 'node:https'
import type { WireRequest } from './recording.js'

// The field manager of writes that name none.
const userAgent = 'conformance/1.0'
const patience = 30_000

export interface Reply {
  code: number
  headers: IncomingMessage['headers']
  bytes: Buffer
}

export interface Follow {
  request: WireRequest
  /** Runs once the answer has begun. */
  during: () => Promise<void>
  /** The connection is dropped after so many lines, or so many milliseconds. */
  count: number
  timeout: number
}

export interface Client {
  send(request: WireRequest): Promise<Reply>
  /** Reads an answer while it goes on. @returns the whole lines of it in `bytes` */
  follow(follow: Follow): Promise<Reply>
  close(): void
}

export function connect({ server, token }: { server: string; token?: string }): Client {
  const base = new URL(server)
  const isSecure = base.protocol === 'https:'
  // Whoever gives an address trusts it; certificates of test clusters are signed by nobody known.
  const agent = isSecure ? new HTTPSAgent({ keepAlive: true, rejectUnauthorized: false }) : new HTTPAgent({ keepAlive: true })
  const begin = (request: WireRequest) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const payload = payloadOf(request)
      const headers: Record<string, string | number> = { accept: request.accept ?? 'application/json', 'user-agent': userAgent }
      if (token) headers.authorization = `Bearer ${token}`
      if (payload) Object.assign(headers, { 'content-type': request.contentType ?? 'application/json', 'content-length': payload.length })
      const path = base.pathname.replace(/\/$/, '') + request.path
      const options = { agent, method: request.method, host: base.hostname, port: base.port, path, headers, timeout: patience }
      const outgoing = isSecure ? requestHTTPS(options, resolve) : requestHTTP(options, resolve)
      outgoing.on('error', reject)
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${patience / 1000} s`)))
      outgoing.end(payload)
    })
  return {
    send: async (request) => replyOf(await begin(request)),
    async follow({ request, during, count, timeout }) {
      const incoming = await begin(request)
      const lines = linesOf(incoming, { count, timeout })
      await during()
      return { code: incoming.statusCode ?? 0, headers: incoming.headers, bytes: Buffer.from((await lines).join('\n')) }
    },
    close: () => agent.destroy(),
  }
}

function payloadOf({ body }: WireRequest): Buffer | undefined {
  if (body === undefined || Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

async function replyOf(incoming: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return { code: incoming.statusCode ?? 0, headers: incoming.headers, bytes: Buffer.concat(chunks) }
}

/** The lines of an answer until there are enough, the time is over, or the answer ends, also when it breaks off. */
function linesOf(incoming: IncomingMessage, { count, timeout }: { count: number; timeout: number }): Promise<string[]> {
  return new Promise((resolve) => {
    let text = ''
    const lines = () => text.split('\n').filter((line) => line.trim())
    const finish = () => {
      clearTimeout(timer)
      incoming.destroy()
      resolve(lines())
    }
    const timer = setTimeout(finish, timeout)
    incoming.setEncoding('utf8')
    incoming.on('data', (chunk: string) => {
      text += chunk
      if (text.split('\n').length - 1 >= count) finish()
    })
    incoming.on('end', finish)
    incoming.on('error', finish)
  })
}
