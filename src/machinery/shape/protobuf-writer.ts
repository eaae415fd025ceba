// Protobuf written from its end to its beginning: the length of a message is known when it is written before it, so that
// nothing is measured twice and nothing is moved.

const sizeMin = 256

export class BackwardWriter {
  #bytes: Buffer
  #start: number

  /** @param sizeHint bytes that will probably do */
  constructor(sizeHint: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(sizeHint, sizeMin))
    this.#start = this.#bytes.length
  }

  /** Bytes written so far: a mark for `block`. */
  get length(): number {
    return this.#bytes.length - this.#start
  }

  /** What was written. The writer must not be used afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#start)
  }

  /** Length and tag of everything written since the mark. */
  block(tag: number, mark: number): void {
    this.varint(this.length - mark)
    this.varint(tag)
  }

  /** @param value a whole number from 0 to 2^31 - 1 */
  varint(value: number): void {
    this.#reserve(5)
    if (value < 0x80) {
      this.#bytes[--this.#start] = value
      return
    }
    const size = value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5
    this.#start -= size
    let rest = value
    for (let at = this.#start; at < this.#start + size - 1; at++) {
      this.#bytes[at] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#start + size - 1] = rest
  }

  /** Any whole number; negative ones take ten bytes whatever their field's size. */
  integer(value: number): void {
    if (value >= 0 && value <= 0x7fffffff) {
      this.varint(value)
      return
    }
    this.#reserve(10)
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)))
    const septets: number[] = []
    for (; rest > 0x7fn; rest >>= 7n) septets.push(Number(rest & 0x7fn) | 0x80)
    septets.push(Number(rest))
    this.#start -= septets.length
    septets.forEach((septet, index) => {
      this.#bytes[this.#start + index] = septet
    })
  }

  /** A whole field of text. */
  textField(tag: number, text: string): void {
    const mark = this.length
    this.text(text)
    this.block(tag, mark)
  }

  /** A whole field with a number in it. */
  integerField(tag: number, value: number): void {
    this.integer(value)
    this.varint(tag)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#start -= 8
    this.#bytes.writeDoubleLE(value, this.#start)
  }

  text(text: string): void {
    if (text.length <= shortTextMax && this.#ascii(text)) return
    const size = Buffer.byteLength(text)
    this.#reserve(size)
    this.#start -= size
    this.#bytes.write(text, this.#start, size, 'utf8')
  }

  bytes(bytes: Uint8Array): void {
    const { length } = bytes
    this.#reserve(length)
    this.#start -= length
    if (length > fewBytesMax) this.#bytes.set(bytes, this.#start)
    else for (let index = 0; index < length; index++) this.#bytes[this.#start + index] = bytes[index]
  }

  /** Writes short text without a call into the machine. @returns whether it was plain enough */
  #ascii(text: string): boolean {
    this.#reserve(text.length)
    let at = this.#start
    for (let index = text.length - 1; index >= 0; index--) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      this.#bytes[--at] = code
    }
    this.#start = at
    return true
  }

  #reserve(count: number): void {
    if (count > this.#start) this.#grow(count)
  }

  #grow(count: number): void {
    const { length } = this
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, length + count))
    grown.set(this.#bytes.subarray(this.#start), grown.length - length)
    this.#start = grown.length - length
    this.#bytes = grown
  }
}

// Beyond this, one call into the machine is faster than a loop.
const shortTextMax = 48
const fewBytesMax = 16
