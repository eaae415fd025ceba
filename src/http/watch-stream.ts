// One watch on one connection: notices become frames, the frames of one turn of the event loop become one write.
// A reader that falls too far behind is cut off; it resumes from its last revision.
import type { Notice } from '../registry/index.js'

/** Where frames go: a chunked HTTP response or a WebSocket. */
export interface FrameSink {
  write(bytes: Buffer): void
  /** Bytes written and not yet taken by the kernel. */
  readonly pendingBytes: number
  end(): void
  /** Ends at once, without the courtesy of a last chunk. */
  destroy(): void
}

export interface FrameEncoder {
  /** The bytes of a notice in parts, shared with other readers where they can be. */
  frame(notice: Notice): readonly Buffer[]
}

export interface WatchStreamOptions {
  sink: FrameSink
  encoder: FrameEncoder
  /** What may wait for a slow reader. */
  pendingBytesMax: number
  onEvent?(notice: Notice): void
}

export const pendingBytesMax = 16 * 1024 * 1024

export class WatchStream {
  readonly #options: WatchStreamOptions
  #frames: Buffer[] = []
  #frameBytes = 0
  #isScheduled = false
  #isClosed = false
  #onClose: (() => void)[] = []

  constructor(options: WatchStreamOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Runs once, when the stream ends for whatever reason. */
  onClose(listener: () => void): void {
    if (this.#isClosed) listener()
    else this.#onClose.push(listener)
  }

  notify(notice: Notice): void {
    if (this.#isClosed) return
    this.#take(notice)
    if (this.#frameBytes + this.#options.sink.pendingBytes > this.#options.pendingBytesMax) return this.#cutOff()
    if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(() => this.flush())
    }
    if (notice.type === 'ERROR') this.close()
  }

  /** The whole backlog may be larger than what a reader may lag: it is written as the first thing, before the bound counts. */
  begin(backlog: readonly Notice[]): void {
    for (const notice of backlog) this.#take(notice)
    this.flush()
    if (backlog.at(-1)?.type === 'ERROR') this.close()
  }

  flush(): void {
    this.#isScheduled = false
    if (!this.#frames.length || this.#isClosed) return
    const bytes = this.#frames.length === 1 ? this.#frames[0] : Buffer.concat(this.#frames, this.#frameBytes)
    this.#frames = []
    this.#frameBytes = 0
    this.#options.sink.write(bytes)
  }

  /** The courteous end: what was noticed is written first. */
  close(): void {
    if (this.#isClosed) return
    this.flush()
    this.#finish()
    this.#options.sink.end()
  }

  /** The reader is gone. */
  abandon(): void {
    if (!this.#isClosed) this.#finish()
  }

  #take(notice: Notice): void {
    for (const part of this.#options.encoder.frame(notice)) {
      this.#frames.push(part)
      this.#frameBytes += part.length
    }
    this.#options.onEvent?.(notice)
  }

  #cutOff(): void {
    this.#finish()
    this.#options.sink.destroy()
  }

  #finish(): void {
    this.#isClosed = true
    this.#frames = []
    for (const listener of this.#onClose) listener()
    this.#onClose = []
  }
}
