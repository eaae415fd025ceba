// One watch on one connection: notices become frames, the frames of one turn of the event loop become one write.
// A reader that falls too far behind is cut off; it resumes from its last revision.
import type { Notice } from '../registry/index.js'

/** One event in parts, which other readers may share. */
export type Frame = readonly Buffer[]

/** Where frames go: a chunked HTTP response or a WebSocket. */
export interface FrameSink {
  /** @param taken called when the kernel has the bytes; not at all when the connection ends before */
  write(frames: readonly Frame[], taken?: () => void): void
  /** Bytes written and not yet taken by the kernel. */
  readonly pendingBytes: number
  end(): void
  /** Ends at once, without the courtesy of a last chunk. */
  destroy(): void
}

export interface FrameEncoder {
  frame(notice: Notice): Frame
}

export interface WatchStreamOptions {
  sink: FrameSink
  encoder: FrameEncoder
  /** What may wait for a slow reader. */
  pendingBytesMax: number
  onEvent?(notice: Notice): void
}

export const pendingBytesMax = 16 * 1024 * 1024

// The backlog is written in pieces of this size, each when the one before is taken.
const backlogBytes = 256 * 1024

/** Streams with something to write, which all do so at the end of the turn. */
let waiting: WatchStream[] = []

function flushSoon(stream: WatchStream): void {
  if (!waiting.length) setImmediate(flushAll)
  waiting.push(stream)
}

function flushAll(): void {
  const streams = waiting
  waiting = []
  for (const stream of streams) stream.flush()
}

export class WatchStream {
  readonly #options: WatchStreamOptions
  /** What is noticed while the backlog is still on its way waits behind it. */
  #backlog: { notices: readonly Notice[]; next: number } | undefined
  #frames: Frame[] = []
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
    if (this.#frameBytes + this.#options.sink.pendingBytes > this.#options.pendingBytesMax) this.#cutOff()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      flushSoon(this)
    }
    if (notice.type === 'ERROR') this.close()
  }

  /** Begins with what is there. It may be far more than a reader may lag: it is made and written only as fast as it is read. */
  begin(notices: readonly Notice[]): void {
    this.#backlog = { notices, next: 0 }
    this.#advance()
  }

  flush(): void {
    this.#isScheduled = false
    if (!this.#frames.length || this.#isClosed || this.#backlog) return
    this.#options.sink.write(this.#drain())
  }

  /** The courteous end: what was noticed is written first, unless the reader has yet to take what was there before. */
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

  /** Writes the next piece of the backlog, and goes on when it is taken. */
  #advance(): void {
    const backlog = this.#backlog
    if (!backlog || this.#isClosed) return
    const { notices } = backlog
    const waiting = this.#frames
    const waitingBytes = this.#frameBytes
    this.#frames = []
    this.#frameBytes = 0
    while (backlog.next < notices.length && this.#frameBytes < backlogBytes) this.#take(notices[backlog.next++])
    const piece = this.#drain()
    this.#frames = waiting
    this.#frameBytes = waitingBytes
    if (backlog.next < notices.length) this.#options.sink.write(piece, () => this.#advance())
    else {
      this.#backlog = undefined
      if (piece.length) this.#options.sink.write(piece)
      if (notices.at(-1)?.type === 'ERROR') this.close()
      else this.flush()
    }
  }

  #take(notice: Notice): void {
    const frame = this.#options.encoder.frame(notice)
    this.#frames.push(frame)
    for (const part of frame) this.#frameBytes += part.length
    this.#options.onEvent?.(notice)
  }

  #drain(): Frame[] {
    const frames = this.#frames
    this.#frames = []
    this.#frameBytes = 0
    return frames
  }

  #cutOff(): void {
    this.#finish()
    this.#options.sink.destroy()
  }

  #finish(): void {
    this.#isClosed = true
    this.#frames = []
    this.#backlog = undefined
    for (const listener of this.#onClose) listener()
    this.#onClose = []
  }
}
