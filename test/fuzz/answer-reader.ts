// Reads HTTP/1.1 answers off a connection, and is stricter than any client: what is not exactly an answer is a problem.

export interface RawAnswer {
  status: number
  /** In order, names as they were sent. */
  headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
  /** Whether the connection ends with this answer. */
  isLast: boolean
}

const head = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/
const field = /^([A-Za-z][A-Za-z0-9-]*): ([\t\x20-\x7e\x80-\xff]*)$/
const headEnd = Buffer.from('\r\n\r\n')

/** Told that the bytes are no answer. */
export class NoAnswer extends Error {}

export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0)
  #head: { status: number; headers: RawAnswer['headers']; start: number } | undefined

  /** @param isHead whether the next answer, if it is whole, is to a HEAD. @returns the next answer as soon as it is whole. @throws {NoAnswer} */
  next(isHead: () => boolean): RawAnswer | undefined {
    for (;;) {
      this.#head ??= this.#readHead()
      if (!this.#head) return undefined
      const { status, headers, start } = this.#head
      // Something for the time until the answer comes.
      if (status === 100) {
        this.#take(start)
        continue
      }
      const body = isHead() || status === 304 || status === 204 ? { body: Buffer.alloc(0), end: start } : this.#readBody(headers, start)
      if (!body) return undefined
      this.#take(body.end)
      return { status, headers, body: body.body, isLast: headerOf(headers, 'connection') === 'close' }
    }
  }

  add(chunk: Buffer): void {
    this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, chunk]) : chunk
  }

  /** What is left over: nothing, when all answers were whole. */
  get rest(): Buffer {
    return this.#bytes
  }

  #take(end: number): void {
    this.#bytes = this.#bytes.subarray(end)
    this.#head = undefined
  }

  #readHead() {
    const end = this.#bytes.indexOf(headEnd)
    if (end < 0) return undefined
    const [first, ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n')
    const status = head.exec(first)?.[1]
    if (!status) throw new NoAnswer(`an answer begins with ${JSON.stringify(first.slice(0, 200))}`)
    const headers = lines.map((line) => {
      const match = field.exec(line)
      if (!match) throw new NoAnswer(`a header of an answer is ${JSON.stringify(line.slice(0, 200))}`)
      return [match[1], match[2]] as const
    })
    return { status: Number(status), headers, start: end + headEnd.length }
  }

  #readBody(headers: RawAnswer['headers'], start: number): { body: Buffer; end: number } | undefined {
    if (headerOf(headers, 'transfer-encoding') === 'chunked') return this.#readChunks(start)
    const length = headerOf(headers, 'content-length')
    // To HTTP/1.0 a stream ends with its connection.
    if (!length && headerOf(headers, 'connection') === 'close') return { body: this.#bytes.subarray(start), end: this.#bytes.length }
    if (!length || !/^\d+$/.test(length)) throw new NoAnswer(`an answer says nothing of its length: ${JSON.stringify(headers)}`)
    const end = start + Number(length)
    return end <= this.#bytes.length ? { body: this.#bytes.subarray(start, end), end } : undefined
  }

  #readChunks(start: number): { body: Buffer; end: number } | undefined {
    const chunks: Buffer[] = []
    for (let at = start; ; ) {
      const lineEnd = this.#bytes.indexOf('\r\n', at)
      if (lineEnd < 0) return undefined
      const size = Number.parseInt(this.#bytes.toString('latin1', at, lineEnd), 16)
      if (!(size >= 0)) throw new NoAnswer('a chunk of an answer has no length')
      at = lineEnd + 2 + size + 2
      if (at > this.#bytes.length) return undefined
      if (size === 0) return { body: Buffer.concat(chunks), end: at }
      chunks.push(this.#bytes.subarray(lineEnd + 2, at - 2))
    }
  }
}

/** @param name in lower case */
export function headerOf(headers: RawAnswer['headers'], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1]
}
