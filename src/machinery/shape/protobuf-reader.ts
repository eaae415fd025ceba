// Protobuf read from hostile bytes: every length is checked before it is believed, and nothing is allocated on its word.
import { wireTypes } from './protobuf-message.js'

/** The bytes are not what they should be. The message is the decoder's, as clients of Kubernetes know it. */
export class MalformedProtobuf extends Error {}

/** How deep messages may nest: JSON schemas contain themselves. Differs: upstream has no limit, and no object comes near. */
export const messageDepthMax = 500

export class ProtobufReader {
  readonly #bytes: Buffer
  position = 0
  /** Where the message that is being read ends. */
  end: number
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.length
  }

  get isAtEnd(): boolean {
    return this.position >= this.end
  }

  /** Number and wire type of the next field as one number; upstream counts fields from 1. */
  tag(): number {
    const tag = this.#unsigned()
    if (tag < 8) throw new MalformedProtobuf(`proto: illegal tag ${tag >>> 3} (wire type ${tag})`)
    return tag
  }

  /** A signed integer. Differs: beyond 2^53 the last digits are lost, as in all JSON here. */
  integer(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    return Number(BigInt.asIntN(64, this.#varint(first)))
  }

  double(): number {
    this.#require(8)
    this.position += 8
    return this.#bytes.readDoubleLE(this.position - 8)
  }

  /** The bytes of the next block; they are not copied. */
  block(): Buffer {
    const end = this.#blockEnd()
    const block = this.#bytes.subarray(this.position, end)
    this.position = end
    return block
  }

  text(): string {
    const end = this.#blockEnd()
    const start = this.position
    this.position = end
    return end - start <= shortTextMax ? this.#shortText(start, end) : this.#bytes.toString('utf8', start, end)
  }

  /** Reads the next block as a message of its own: `read` must go on until `isAtEnd`. */
  inside(read: () => void): void {
    if (this.#depth >= messageDepthMax) throw new MalformedProtobuf('exceeded max depth')
    const outerEnd = this.end
    this.end = this.#blockEnd()
    this.#depth++
    read()
    this.#depth--
    this.end = outerEnd
  }

  /** Passes over the value of a field that nobody knows. */
  skip(wireType: number): void {
    let groups = 0
    for (let type = wireType; ; type = this.tag() & 7) {
      if (type === wireTypes.varint) this.integer()
      else if (type === wireTypes.bytes) this.position = this.#blockEnd()
      else if (type === wireTypes.fixed64 || type === wireTypes.fixed32) this.#pass(type === wireTypes.fixed64 ? 8 : 4)
      else if (type === wireTypes.groupStart) groups++
      else if (type !== wireTypes.groupEnd) throw new MalformedProtobuf(`proto: illegal wireType ${type}`)
      else if (--groups < 0) throw new MalformedProtobuf('proto: unexpected end of group')
      if (groups === 0) return
    }
  }

  #pass(count: number): void {
    this.#require(count)
    this.position += count
  }

  #blockEnd(): number {
    const length = this.#unsigned()
    this.#require(length)
    return this.position + length
  }

  #require(count: number): void {
    if (count > this.end - this.position) throw new MalformedProtobuf('unexpected EOF')
  }

  #byte(): number {
    if (this.position >= this.end) throw new MalformedProtobuf('unexpected EOF')
    return this.#bytes[this.position++]
  }

  /** A length or a tag: nothing that could be meant is beyond 2^31. */
  #unsigned(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    const value = this.#varint(first)
    if (value > 0x7fffffffn) throw new MalformedProtobuf('proto: negative length found during unmarshaling')
    return Number(value)
  }

  #varint(first: number): bigint {
    let low = first & 0x7f
    // Four bytes fit a small integer; the rest is rare enough for big ones.
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return BigInt(low)
    }
    let value = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new MalformedProtobuf('proto: integer overflow')
  }

  #shortText(start: number, end: number): string {
    let text = ''
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at]
      if (byte > 0x7f) return this.#bytes.toString('utf8', start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }
}

// Short plain text is put together faster than the machine is called.
const shortTextMax = 24
