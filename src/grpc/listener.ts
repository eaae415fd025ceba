// The gRPC port: open at once, while the server behind it is loaded with the first connection.
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTLSServer } from 'node:tls'
import type { GrpcServer, GrpcServerOptions } from './grpc-server.js'

export interface GrpcListenerOptions extends Omit<GrpcServerOptions, 'socketOf'> {
  /** In PEM; absent: plaintext. */
  tls?: { key: string; cert: string; ca: string }
  /** Hears of the server before it listens, so that there are never more connections than the process may have. */
  limitConnections?(server: Server): void
}

// What is still on its way when the server ends has this long.
const closingMillis = 400
const handshakeMillisMax = 10_000
// A client whose machine is gone is noticed by the kernel.
const connection = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }

export class GrpcListener {
  readonly #options: GrpcListenerOptions
  readonly #server: Server
  readonly #sockets = new Map<string, Socket>()
  #loading: Promise<GrpcServer> | undefined
  #isClosing = false

  constructor(options: GrpcListenerOptions) {
    this.#options = options
    const { tls } = options
    // Certificates of clients are looked at by whoever wants to know who calls.
    const secure = {
      ...tls,
      ...connection,
      ALPNProtocols: ['h2'],
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      handshakeTimeout: handshakeMillisMax,
    } as const
    this.#server = tls ? createTLSServer(secure, (socket) => this.#accept(socket)) : createServer(connection, (socket) => this.#accept(socket))
    options.limitConnections?.(this.#server)
  }

  /** @returns the port that was opened. Rejects when it cannot be */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject)
        resolve((this.#server.address() as { port: number }).port)
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#server.listening) this.#server.close()
    if (!this.#sockets.size) return
    const server = await this.#loading
    server?.close()
    await this.#connectionsEnded()
  }

  #accept(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`
    this.#sockets.set(peer, socket)
    socket.once('close', () => this.#sockets.delete(peer))
    socket.on('error', () => socket.destroy())
    this.#loading ??= this.#load()
    this.#loading.then(
      (server) => (socket.destroyed || this.#isClosing ? socket.destroy() : server.connect(socket)),
      (error) => {
        this.#options.logger.error({ err: error }, 'the gRPC server could not be loaded')
        socket.destroy()
      },
    )
  }

  async #load(): Promise<GrpcServer> {
    const { createGrpcServer } = await import('./grpc-server.js')
    return createGrpcServer({ ...this.#options, socketOf: (peer) => this.#sockets.get(peer) })
  }

  #connectionsEnded(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        for (const socket of this.#sockets.values()) socket.destroy()
        done()
      }, closingMillis)
      for (const socket of this.#sockets.values()) socket.once('close', () => !this.#sockets.size && done())
    })
  }
}
