// Connections that cost the client as little as Node allows, so that what is measured is the server: one buffer for all that is read.
import { connect as connectPlain } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { AnswerReader } from './answer-reader.mjs'

const received = Buffer.allocUnsafe(256 * 1024)
const complaintLengthMax = 2000

/** @param server `{ url, token }`. @param onBytes is given bytes that are overwritten afterwards. */
export function openSocket(server, { onBytes, onClose }) {
  const { protocol, hostname, port } = new URL(server.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'https:'
  const socket = isSecure
    ? connectSecure({ host, port: Number(port || 443), rejectUnauthorized: !isLoopback(host) }).on('data', onBytes)
    : connectPlain({ host, port: Number(port || 80), noDelay: true, onread: { buffer: received, callback: readInto(onBytes) } })
  socket.once('error', () => {})
  socket.once('close', onClose)
  return socket
}

const readInto = (onBytes) => (count, buffer) => {
  onBytes(buffer.subarray(0, count))
  return true
}

/** Nobody stands between, so that a certificate of its own making is as good as any. */
export const isLoopback = (host) => host === 'localhost' || host === '::1' || host.startsWith('127.')

/** The bytes of a request, made once and sent often. @param body text or bytes */
export function requestBytes(server, method, path, { body, contentType = 'application/json', accept = 'application/json' } = {}) {
  const length = body === undefined ? '' : `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  const token = server.token ? `Authorization: Bearer ${server.token}\r\n` : ''
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\nUser-Agent: bench\r\nAccept: ${accept}\r\n${token}${length}\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.from(body ?? '')])
}

/** One request after the other. */
export class Connection {
  #socket
  #reader
  #waiting
  #kept
  /** Whether another request can be sent. */
  isOpen = true

  /** @param onClose is told when no more can be sent */
  constructor(server, onClose = () => {}) {
    this.#reader = new AnswerReader({ onBody: (bytes, status) => this.#keep(bytes, status), onEnd: (status) => this.#answer(status) })
    this.#socket = openSocket(server, {
      onBytes: (bytes) => this.#reader.read(bytes),
      onClose: () => {
        this.isOpen = false
        onClose()
        this.#waiting?.onError(new Error(`the connection to ${server.url} was closed before the answer`))
      },
    })
  }

  /** @param onAnswer is given the status, and the body when it is wanted or tells of a failure */
  ask(bytes, onAnswer, { onError, wantsBody = false }) {
    this.#waiting = { onAnswer, onError, wantsBody }
    this.#kept = undefined
    this.#socket.write(bytes)
  }

  /** The head of the last answer. */
  get head() {
    return this.#reader.head
  }

  close() {
    this.#socket.destroy()
  }

  #keep(bytes, status) {
    if (!this.#waiting.wantsBody && status < 300) return
    this.#kept ??= []
    this.#kept.push(Buffer.from(bytes))
  }

  #answer(status) {
    const { onAnswer, onError } = this.#waiting
    this.#waiting = undefined
    const body = this.#kept && Buffer.concat(this.#kept)
    if (status < 300) onAnswer(status, body)
    else onError(new Error(`${status}: ${(body ?? '').toString().slice(0, complaintLengthMax)}`))
  }
}
