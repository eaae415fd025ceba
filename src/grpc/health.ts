// grpc.health.v1: whether the server, and each of its services, can be used.
import { status as codes, type ServerUnaryCall, type ServerWritableStream, type sendUnaryData } from '@grpc/grpc-js'
import { StatusError } from '../machinery/index.js'
import type { Messages } from './messages.js'
import type { Serving } from './serving.js'

const numbers = { unknownService: 3, serving: 1, notServing: 2 }
const request = 'grpc/health/v1.HealthCheckRequest'
const response = 'grpc/health/v1.HealthCheckResponse'

export class Health {
  readonly #messages: Messages
  readonly #serving: Serving
  readonly #services: ReadonlySet<string>

  /** @param services full names */
  constructor(messages: Messages, serving: Serving, services: readonly string[]) {
    this.#messages = messages
    this.#serving = serving
    this.#services = new Set(['', ...services])
  }

  check({ request: bytes }: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>): void {
    const service = this.#serviceOf(bytes)
    if (typeof service !== 'string') reply(service)
    else if (this.#services.has(service)) reply(null, this.#answer(service))
    else reply({ code: codes.NOT_FOUND, details: `unknown service ${service.slice(0, shownNameMax)}` })
  }

  watch(stream: ServerWritableStream<Buffer, Buffer>): void {
    const service = this.#serviceOf(stream.request)
    if (typeof service !== 'string') {
      stream.emit('error', service)
      return
    }
    stream.write(this.#answer(service))
    const stop = this.#serving.onChange(() => stream.write(this.#answer(service)))
    stream.on('cancelled', stop)
    stream.on('close', stop)
  }

  /** @returns its name, or why the message has none */
  #serviceOf(bytes: Buffer): string | { code: codes; details: string } {
    try {
      return this.#messages.decode(request, bytes).service ?? ''
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return { code: codes.INVALID_ARGUMENT, details: error.message }
    }
  }

  #answer(service: string): Buffer {
    const status = !this.#services.has(service) ? numbers.unknownService : this.#serving.isServing() ? numbers.serving : numbers.notServing
    return this.#messages.encode(response, { status })
  }
}

const shownNameMax = 200
