// Writes a whole body: compressed when it is large and the client wants it so, and never faster than the client reads.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'

export type Part = Buffer | string

export interface WholeAnswer {
  code: number
  headers: OutgoingHttpHeaders
  /** A text, or parts, of which Buffers may be shared with others: they are not changed. */
  body: string | readonly Part[]
  /** Asked only when the body is large. */
  acceptsGzip(): boolean
}

// Upstream: apiserver/pkg/endpoints/handlers/responsewriters/writers.go defaultGzipThresholdBytes
const gzipThresholdBytes = 128 * 1024
// Below this, a copy is cheaper than a write.
const joinedBytesMax = 16 * 1024
// What is handed to the connection before it has to ask for more.
const turnBytesMax = 1024 * 1024
// What is shorter is mostly out of our hands at once.
const watchedBytesMin = 64 * 1024
// As long as a request may take to come. Upstream: --request-timeout, which ends what is still being written
const takingMillisMax = 60_000

export function writeBody(response: ServerResponse, { code, headers, body, acceptsGzip }: WholeAnswer, takingMillis = takingMillisMax): void {
  const parts = typeof body === 'string' ? [body] : body
  const length = parts.reduce((bytes, part) => bytes + lengthOf(part), 0)
  if (length > watchedBytesMin) limitTaking(response, takingMillis)
  if (length > gzipThresholdBytes && !headers['Content-Encoding'] && acceptsGzip()) {
    const vary = headers.Vary ? `${headers.Vary}, Accept-Encoding` : 'Accept-Encoding'
    response.writeHead(code, { ...headers, 'Content-Encoding': 'gzip', Vary: vary })
    pipeline(Readable.from(chunksOf(parts)), createGzip({ level: constants.Z_BEST_SPEED }), response, ignoreEnd)
    return
  }
  headers['Content-Length'] = length
  response.writeHead(code, headers)
  // Head and body become one text and one write where both are of one encoding, and that of heads is latin1.
  if (parts.length === 1 && typeof parts[0] === 'string' && length === parts[0].length) response.end(parts[0], 'latin1')
  else writeParts(response, parts, length)
}

function writeParts(response: ServerResponse, parts: readonly Part[], length: number): void {
  if (parts.length === 1 && typeof parts[0] !== 'string') response.end(parts[0])
  else if (length <= joinedBytesMax) response.end(joined(parts, length))
  else writeInTurns(response, chunksOf(parts))
}

/** Some chunks in one write, and the next when the client has taken these. */
function writeInTurns(response: ServerResponse, chunks: Iterator<Buffer>): void {
  // A client that went away takes nothing more.
  while (!response.destroyed) {
    const isTaken = writeTurn(response, chunks)
    if (response.writableEnded) return
    if (!isTaken) {
      response.once('drain', () => writeInTurns(response, chunks))
      return
    }
  }
}

/** @returns whether there is room for more */
function writeTurn(response: ServerResponse, chunks: Iterator<Buffer>): boolean {
  let isTaken = true
  response.cork()
  for (let bytes = 0; bytes < turnBytesMax; ) {
    const { value, done } = chunks.next()
    if (done) {
      response.end()
      break
    }
    bytes += value.length
    isTaken = response.write(value)
  }
  response.uncork()
  return isTaken
}

/** A client that does not take its answer is left. */
function limitTaking(response: ServerResponse, millis: number): void {
  const timer = setTimeout(() => response.destroy(), millis)
  timer.unref()
  response.once('close', () => clearTimeout(timer))
}

const lengthOf = (part: Part) => (typeof part === 'string' ? Buffer.byteLength(part) : part.length)

/** A client that goes away in the middle is nobody's fault. */
const ignoreEnd = () => {}

/** Pieces worth a write: short parts put together, others as they are. */
function* chunksOf(parts: readonly Part[]): Generator<Buffer> {
  let short: Part[] = []
  let size = 0
  for (const part of parts) {
    const length = lengthOf(part)
    if (size && size + length > joinedBytesMax) {
      yield joined(short, size)
      short = []
      size = 0
    }
    if (length > joinedBytesMax && typeof part !== 'string') {
      yield part
      continue
    }
    short.push(part)
    size += length
  }
  if (size) yield joined(short, size)
}

/** @param length of all in bytes */
function joined(parts: readonly Part[], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const part of parts) at += typeof part === 'string' ? bytes.write(part, at) : part.copy(bytes, at)
  return bytes
}
