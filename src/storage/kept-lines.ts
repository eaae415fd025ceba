// The lines of printed objects that are kept for the next reader: up to so many bytes, beyond which objects are printed for each, as texts.
//
// Lines lie in shared memory, which nobody shares. V8 counts what a heap holds in other buffers, and with every 64 MiB that were added its
// collector goes over the whole heap: a list of very many objects would do so again and again. What is shared is not counted.
const bytesMax = 1024 * 1024 * 1024
// A piece of memory lives as long as any line in it.
const pieceBytes = 64 * 1024

export class KeptLines {
  #left: number
  #isFull = false
  #piece = sharedBuffer(0)
  #used = 0

  constructor(max = bytesMax) {
    this.#left = max
  }

  /** Whether the last line found no room. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** The bytes of a text, or nothing when there is no room for them. */
  keep(text: string): Buffer | undefined {
    const length = Buffer.byteLength(text)
    this.#isFull = length > this.#left
    if (this.#isFull) return undefined
    this.#left -= length
    const line = this.#room(length)
    line.write(text)
    return line
  }

  /** A line that `keep` has made is needed no more. */
  giveBack({ length }: Buffer): void {
    this.#left += length
    this.#isFull = false
  }

  #room(length: number): Buffer {
    if (length > pieceBytes / 2) return sharedBuffer(length)
    if (this.#used + length > this.#piece.length) {
      this.#piece = sharedBuffer(pieceBytes)
      this.#used = 0
    }
    this.#used += length
    return this.#piece.subarray(this.#used - length, this.#used)
  }
}

const sharedBuffer = (length: number) => Buffer.from(new SharedArrayBuffer(length)) as Buffer
