// Printed objects that are kept for the next reader, as lines and as runs of lists: up to so many bytes, beyond which they are printed for each.
//
// What is more than a moderate cluster needs lies in memory that V8 does not count.
const bytesMax = 512 * 1024 * 1024
const countedBytesMax = 32 * 1024 * 1024
// A piece of shared memory lives as long as any line in it.
const pieceBytes = 64 * 1024

export class KeptLines {
  readonly #max: number
  #bytes = 0
  #countedBytes = 0
  #isFull = false
  #piece = uncountedBuffer(0)
  #used = 0

  constructor(max = bytesMax) {
    this.#max = max
  }

  /** Whether the last line found no room. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** The bytes of a text, or nothing when there is no room for them. */
  keep(text: string): Buffer | undefined {
    const line = this.room(Buffer.byteLength(text))
    line?.write(text)
    return line
  }

  /** So many bytes, to be written. */
  room(length: number): Buffer | undefined {
    this.#isFull = this.#bytes + length > this.#max
    if (this.#isFull) return undefined
    this.#bytes += length
    if (this.#countedBytes + length > countedBytesMax) return this.#shared(length)
    this.#countedBytes += length
    return Buffer.allocUnsafe(length)
  }

  /** What `keep` or `room` has given is needed no more. */
  giveBack({ length, buffer }: Buffer): void {
    this.#bytes -= length
    this.#isFull = false
    if (buffer instanceof ArrayBuffer) this.#countedBytes -= length
  }

  #shared(length: number): Buffer {
    if (length > pieceBytes / 2) return uncountedBuffer(length)
    if (this.#used + length > this.#piece.length) {
      this.#piece = uncountedBuffer(pieceBytes)
      this.#used = 0
    }
    this.#used += length
    return this.#piece.subarray(this.#used - length, this.#used)
  }
}

/**
 * Shared memory, which nobody shares. V8 counts what a heap holds in other buffers, and with every 64 MiB that were added its collector goes
 * over the whole heap: lists of very many objects would make it do so again and again. What is shared is not counted; copying it takes twice as long.
 */
const uncountedBuffer = (length: number) => Buffer.from(new SharedArrayBuffer(length)) as Buffer
