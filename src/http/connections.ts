// Connections: how long a client may take, how much it may send before it is heard, what it is told when it does not speak
// HTTP, and how all of them end with the server.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Session } from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { Server as SecureServer } from 'node:tls'
import type { FastifyServerOptions } from 'fastify'
import { failure, type Status, status } from '../machinery/index.js'

export interface ConnectionLimits {
  /** From the first byte of a request to the last of its headers. Upstream: ReadHeaderTimeout of its server. */
  headersMillis: number
  /** From the first byte of a request to the last of its body. Answers may take as long as they like. */
  requestMillis: number
  /** How often the two are looked at. */
  checkMillis: number
  /** How often a client of HTTP/2 is asked whether it is there; the next time it must have answered. */
  askMillis: number
  /** Path, query and headers together. Differs: upstream allows a megabyte. */
  headerBytesMax: number
  /** What is still being written when the server ends has this long. */
  closingMillis: number
}

export const connectionLimits: Readonly<ConnectionLimits> = {
  headersMillis: 32_000,
  requestMillis: 60_000,
  checkMillis: 10_000,
  askMillis: 15_000,
  headerBytesMax: 64 * 1024,
  closingMillis: 400,
}

/** Certificates of an HTTPS server, in PEM. */
export interface TLSFiles {
  key: string
  cert: string
  ca: string
}

// Clients reuse connections for longer than Node's default of five seconds: a race between reuse and close fails requests.
const keepAliveMillis = 180_000
// A client whose machine is gone is noticed by the kernel.
const probeAfterMillis = 60_000
// Upstream: --http2-max-streams-per-connection
const streamsPerConnectionMax = 1000
// Streams whose readers are slow hold their bytes here.
const sessionMegabytesMax = 64

export function connectionOptions(tls: TLSFiles | undefined, limits: ConnectionLimits): Partial<FastifyServerOptions> {
  const http = {
    // Node 24 starts no server whose headers may take longer than the whole.
    headersTimeout: Math.min(limits.headersMillis, limits.requestMillis),
    requestTimeout: limits.requestMillis,
    connectionsCheckingInterval: limits.checkMillis,
    maxHeaderSize: limits.headerBytesMax,
    keepAliveTimeout: keepAliveMillis,
    keepAlive: true,
    keepAliveInitialDelay: probeAfterMillis,
    // Answered in a Status of ours.
    requireHostHeader: false,
  }
  const common = {
    keepAliveTimeout: keepAliveMillis,
    requestTimeout: limits.requestMillis,
    http2SessionTimeout: 0,
    forceCloseConnections: false,
    clientErrorHandler,
  }
  // The types do not know that the machine's own options pass through.
  if (!tls) return { ...common, http } as Partial<FastifyServerOptions>
  const http2 = { settings: { maxConcurrentStreams: streamsPerConnectionMax, maxHeaderListSize: limits.headerBytesMax }, maxSessionMemory: sessionMegabytesMax }
  const https = {
    ...http,
    ...http2,
    ...secureContext(tls),
    handshakeTimeout: limits.headersMillis,
    ca: [],
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
  }
  // One server speaks both versions; its types know only one.
  return { ...common, http2: true, https } as unknown as Partial<FastifyServerOptions>
}

const secureContext = (tls: TLSFiles) => ({ ...tls, minVersion: 'TLSv1.2' as const })

/** Who signs clients is said with the first connection: before it hears of any authority, Node reads all those of the world. */
export function trustClients(server: Server, tls: TLSFiles): void {
  server.prependOnceListener('connection', () => (server as SecureServer).setSecureContext(secureContext(tls)))
}

/** Whether it came over HTTP/2, whatever a client claims in the line of a request. */
export const isHTTP2 = (request: IncomingMessage): boolean => 'stream' in request

/** HTTP/2 leaves it to us how long a body may take. @param refuse tells the client; then its stream ends */
export function limitBodyTime(request: IncomingMessage, limitMillis: number, refuse: (refusal: Status) => void): void {
  const { stream } = request as unknown as Http2ServerRequest
  // Nobody waits for the body of a GET, which may be a watch.
  if (stream.endAfterHeaders || request.method === 'GET') return
  const timer = setTimeout(() => {
    refuse(tooSlow())
    stream.close()
  }, limitMillis)
  const isHere = () => clearTimeout(timer)
  request.once('end', isHere)
  stream.once('close', isHere)
}

const tooSlow = () => failure(408, 'Timeout', 'Timeout: the request did not arrive in time')

interface ParseError extends Error {
  code?: string
  reason?: string
}

/** What came in is no HTTP, or came in too slowly. The connection ends with a Status, after what was asked before in good order. */
function clientErrorHandler(error: ParseError, socket: Socket): void {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: ServerResponse }
  // Before its handshake is done nothing can be said, and what cannot be said would keep the connection.
  const isSpeechless = !socket.writable || error.code === 'ECONNRESET' || (socket as Socket & { secureConnecting?: boolean }).secureConnecting
  if (isSpeechless || current?.headersSent) socket.destroy()
  else if (current?.req.complete) current.once('finish', () => refuse(socket, refusalOf(error)))
  else refuse(socket, refusalOf(error))
}

function refuse(socket: Socket, refusal: Status): void {
  const { code = 400 } = refusal
  const body = `${JSON.stringify(refusal)}\n`
  const length = Buffer.byteLength(body)
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code]}`,
    'Content-Type: application/json',
    'Cache-Control: no-cache, private',
    `Content-Length: ${length}`,
    'Connection: close',
  ]
  // Whoever goes on sending is not listened to.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroySoon())
}

function refusalOf({ code, reason, message }: ParseError): Status {
  if (code === 'HPE_HEADER_OVERFLOW') return failure(431, 'BadRequest', 'the path and headers of the request are too large')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return tooSlow()
  return status.badRequest(`malformed HTTP request: ${reason ?? message}`)
}

/**
 * Clients that wait to be told to go on with a body are told so when the answers before theirs are out: left to Node, it would
 * stand between the head and the body of their own answer.
 */
export function encourage(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const goOn = () => {
      if (!response.headersSent) response.writeContinue()
    }
    if (response.socket || isHTTP2(request)) goOn()
    else response.once('socket', goOn)
    server.emit('request', request, response)
  })
}

/** A client that has said all it has to say still gets its whole answer: left to Node, what is not written yet would not be. Who waits for more hears of its end. */
export function answerHalfClosed(server: Server): void {
  // The types do not know it. Node: lib/_http_server.js socketOnEnd
  ;(server as Server & { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true
}

/** Node tells only the answer that is being written of the end of its connection: those that wait behind it are told here. */
export function tellWaitingAnswers(server: Server): void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>()
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket || isHTTP2(request)) return
    const { socket } = request
    const answers = waiting.get(socket) ?? new Set()
    if (!waiting.has(socket)) {
      waiting.set(socket, answers)
      socket.once('close', () => {
        for (const each of answers) {
          each.destroyed = true
          each.emit('close')
        }
      })
    }
    answers.add(response)
    response.once('socket', () => answers.delete(response))
  })
}

/** HTTP/1.1 wants to know which server is meant. Upstream: net/http server.go */
export function isHostMissing({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined
}

/** Follows all connections of a server. @returns a function that ends them: idle ones at once, the others soon */
export function followConnections(server: Server, { closingMillis, askMillis }: ConnectionLimits): () => void {
  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  server.on('connection', (socket: Socket) => follow(sockets, socket))
  server.on('session', (session: ServerHttp2Session) => {
    follow(sessions, session)
    endWhenSilent(session, askMillis)
  })
  return () => {
    for (const session of sessions) session.close()
    const idle = (server as Server & { closeIdleConnections?(): void }).closeIdleConnections?.bind(server)
    idle?.()
    // Watches have said goodbye: what became idle by that ends next.
    const again = setInterval(() => idle?.(), closingMillis / 10)
    const last = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, closingMillis)
    server.once('close', () => {
      clearInterval(again)
      clearTimeout(last)
    })
  }
}

/** Over a mistake of a client Node stops to read, and never hears that the client is gone: who does not answer is one of these. */
function endWhenSilent(session: ServerHttp2Session, askMillis: number): void {
  let isAsked = false
  const timer = setInterval(() => {
    if (isAsked) session.destroy()
    else {
      isAsked = session.ping(() => {
        isAsked = false
      })
    }
  }, askMillis)
  timer.unref()
  session.once('close', () => clearInterval(timer))
}

function follow<Connection extends { once(event: 'close', listener: () => void): unknown }>(all: Set<Connection>, one: Connection): void {
  all.add(one)
  one.once('close', () => all.delete(one))
}
