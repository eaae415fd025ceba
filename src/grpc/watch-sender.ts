// One watch on one call: notices become messages, and messages are handed on only as fast as the reader takes them.
// What a slow reader has not taken waits here, up to a limit; then the call ends.
import type { Notice } from '../registry/index.js'

/** Where messages go. */
export interface MessageSink {
  /** @param taken called when the transport has the bytes; not at all when the call ends before */
  write(message: Buffer, taken: () => void): void
  end(): void
  /** Ends the call because its reader is too slow. */
  cutOff(): void
}

export interface WatchSenderOptions {
  sink: MessageSink
  encode(notice: Notice): Buffer
  /** What may wait for a slow reader. */
  pendingBytesMax: number
  onEvent?(): void
}

/** As many bytes as the watches of other wires hold for a slow reader. */
export const pendingBytesMax = 16 * 1024 * 1024
// What is in the hands of the transport, and cannot be taken back.
const handedOnBytesMax = 128 * 1024

export class WatchSender {
  readonly #options: WatchSenderOptions
  /** Messages are made of the backlog when their turn has come. */
  #backlog: readonly Notice[] = []
  #nextOfBacklog = 0
  #waiting: Buffer[] = []
  #nextWaiting = 0
  #waitingBytes = 0
  #handedOnBytes = 0
  #isScheduled = false
  #isEnding = false
  #isClosed = false
  #onClose: (() => void)[] = []

  constructor(options: WatchSenderOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Runs once, when the watch ends for whatever reason. */
  onClose(listener: () => void): void {
    if (this.#isClosed) listener()
    else this.#onClose.push(listener)
  }

  /** Begins with what is there, before the first `notify`. */
  begin(backlog: readonly Notice[]): void {
    this.#backlog = backlog
    this.#advance()
  }

  notify(notice: Notice): void {
    if (this.#isClosed) return
    const message = this.#options.encode(notice)
    this.#options.onEvent?.()
    this.#waiting.push(message)
    this.#waitingBytes += message.length
    if (this.#waitingBytes + this.#handedOnBytes > this.#options.pendingBytesMax) {
      this.abandon()
      this.#options.sink.cutOff()
    } else if (!this.#isScheduled) {
      // The writer does not wait for its readers.
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.#advance()
      })
    }
  }

  /** The courteous end: what was noticed is sent first. */
  close(): void {
    if (this.#isClosed || this.#isEnding) return
    this.#isEnding = true
    this.#advance()
  }

  /** The reader is gone, or is to go. */
  abandon(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#backlog = []
    this.#waiting = []
    for (const listener of this.#onClose) listener()
    this.#onClose = []
  }

  #advance(): void {
    while (!this.#isClosed && this.#handedOnBytes < handedOnBytesMax) {
      const message = this.#next()
      if (!message) break
      this.#handedOnBytes += message.length
      this.#options.sink.write(message, () => {
        this.#handedOnBytes -= message.length
        this.#advance()
      })
    }
    if (this.#isEnding && !this.#isClosed && !this.#hasMore()) {
      this.abandon()
      this.#options.sink.end()
    }
  }

  #hasMore(): boolean {
    return this.#nextOfBacklog < this.#backlog.length || this.#nextWaiting < this.#waiting.length
  }

  #next(): Buffer | undefined {
    if (this.#nextOfBacklog < this.#backlog.length) {
      this.#options.onEvent?.()
      return this.#options.encode(this.#backlog[this.#nextOfBacklog++])
    }
    this.#backlog = []
    this.#nextOfBacklog = 0
    const message = this.#waiting[this.#nextWaiting++]
    if (message) this.#waitingBytes -= message.length
    if (this.#nextWaiting >= this.#waiting.length) {
      this.#waiting = []
      this.#nextWaiting = 0
    }
    return message
  }
}
