// Connections of the fuzzer: bare sockets, on which requests follow one another before their answers are there.
import { connect, type Socket } from 'node:net'
import { AnswerReader, NoAnswer, type RawAnswer } from './answer-reader.js'

export interface Timed extends RawAnswer {
  /** From when the server could begin with it: it was sent, and the answer before was out. */
  millis: number
}

/** What became of a request: its answer; or the connection ended before; or what came is no answer. */
export type Outcome = { answer: Timed } | { lost: true } | { problem: string }

interface Waiting {
  isHead: boolean
  sentAt: number
  settle(outcome: Outcome): void
}

export class PipelinedConnection {
  readonly #socket: Socket
  readonly #reader = new AnswerReader()
  readonly #waiting: Waiting[] = []
  #lastAnswerAt = 0
  #isOpen = true

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('close', () => this.#close())
    socket.on('error', () => {})
  }

  static open(port: number): Promise<PipelinedConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('connect', () => resolve(new PipelinedConnection(socket)))
      socket.once('error', reject)
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  send(bytes: Buffer, isHead: boolean): Promise<Outcome> {
    return new Promise((settle) => {
      if (!this.#isOpen) return settle({ lost: true })
      this.#waiting.push({ isHead, sentAt: performance.now(), settle })
      this.#socket.write(bytes)
    })
  }

  close(): void {
    this.#isOpen = false
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.add(chunk)
      for (;;) {
        const answer = this.#reader.next(() => this.#waiting[0]?.isHead ?? false)
        if (!answer) return
        const now = performance.now()
        const waiting = this.#waiting.shift()
        if (!waiting) throw new NoAnswer(`an answer that nobody asked for: ${answer.status} ${answer.body.subarray(0, 300)}`)
        waiting.settle({ answer: { ...answer, millis: now - Math.max(waiting.sentAt, this.#lastAnswerAt) } })
        this.#lastAnswerAt = now
        if (answer.isLast) this.#isOpen = false
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      this.#waiting.shift()?.settle({ problem: error.message })
      this.close()
    }
  }

  #close(): void {
    this.#isOpen = false
    for (const { settle } of this.#waiting.splice(0)) settle({ lost: true })
  }
}

/** How long somebody listens: until the first bytes come, and from then on. */
export interface Patience {
  firstMillis: number
  moreMillis: number
}

/** Sends bytes on a connection of their own, listens, and goes. @returns all that came, and whether the server ended it */
export function speakAndListen(port: number, bytes: Buffer, { firstMillis, moreMillis }: Patience): Promise<{ bytes: Buffer; isEnded: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let isEnded = false
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(bytes))
    let timer = setTimeout(() => socket.destroy(), firstMillis)
    socket.on('data', (chunk: Buffer) => {
      if (!chunks.length) {
        clearTimeout(timer)
        timer = setTimeout(() => socket.destroy(), moreMillis)
      }
      chunks.push(chunk)
    })
    socket.on('error', () => {})
    socket.on('end', () => {
      isEnded = true
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ bytes: Buffer.concat(chunks), isEnded })
    })
  })
}
