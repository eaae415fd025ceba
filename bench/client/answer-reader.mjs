// Reads HTTP/1.1 answers from a stream of bytes and looks at as little of them as it can: the status, the length, and the body when somebody wants it.
const headEnd = Buffer.from('\r\n\r\n')
const nothing = Buffer.alloc(0)

export class AnswerReader {
  /** The head of the answer that is being read, as text. */
  head = ''
  status = 0
  #where = 'head'
  // The beginning of a head or of a line that was torn apart.
  #rest = nothing
  #left = 0
  #isChunked = false
  #onBody
  #onEnd

  /** @param onBody is given bytes that are overwritten afterwards. @param onEnd ends an answer */
  constructor({ onBody, onEnd }) {
    this.#onBody = onBody
    this.#onEnd = onEnd
  }

  read(bytes) {
    let at = 0
    while (at < bytes.length) {
      if (this.#where === 'body') at = this.#readBody(bytes, at)
      else if (this.#where === 'head') at = this.#readHead(bytes, at)
      else at = this.#readChunkLine(bytes, at)
    }
  }

  #readHead(bytes, at) {
    const { line, next } = this.#until(headEnd, bytes, at)
    if (line === undefined) return next
    this.head = line
    this.status = Number(line.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(line)
    this.#isChunked = !length && /\r\ntransfer-encoding: *chunked/i.test(line)
    if (this.#isChunked) this.#where = 'size'
    else this.#expect(length ? Number(length[1]) : 0)
    return next
  }

  #expect(length) {
    this.#left = length
    this.#where = 'body'
    if (length === 0) this.#end()
  }

  #readBody(bytes, at) {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    this.#onBody?.(bytes.subarray(at, end), this.status)
    if (this.#left > 0) return end
    if (this.#isChunked) this.#where = 'after chunk'
    else this.#end()
    return end
  }

  #readChunkLine(bytes, at) {
    const { line, next } = this.#until(headEnd.subarray(0, 2), bytes, at)
    if (line === undefined) return next
    if (this.#where === 'after chunk') this.#where = 'size'
    else if (this.#where === 'last') this.#end()
    else {
      this.#left = Number.parseInt(line, 16)
      this.#where = this.#left === 0 ? 'last' : 'body'
    }
    return next
  }

  #until(end, bytes, at) {
    const data = this.#rest.length ? Buffer.concat([this.#rest, bytes.subarray(at)]) : bytes.subarray(at)
    const found = data.indexOf(end)
    if (found < 0) {
      this.#rest = Buffer.from(data)
      return { next: bytes.length }
    }
    const next = at + found + end.length - this.#rest.length
    this.#rest = nothing
    return { line: data.latin1Slice(0, found), next }
  }

  #end() {
    this.#where = 'head'
    this.#onEnd(this.status)
  }
}
