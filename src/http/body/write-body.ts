// Writes a whole body: compressed when it is large and the client wants it so, and never faster than the client reads.
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'

export type Part = Buffer | string

export interface WholeAnswer {
  code: number
  headers: OutgoingHttpHeaders
  /** A text, parts, or parts that are made while they are written. Buffers may be shared with others: they are not changed. */
  body: string | readonly Part[] | Iterator<Part, void>
  /** Asked only when the body is large. */
  acceptsGzip(): boolean
}

// Upstream: apiserver/pkg/endpoints/handlers/responsewriters/writers.go defaultGzipThresholdBytes
const gzipThresholdBytes = 128 * 1024
// Below this, a copy is cheaper than a write.
const joinedBytesMax = 16 * 1024
// What is handed to the connection before it has to ask for more.
const turnBytesMax = 1024 * 1024
// How long making it may hold up everybody else.
const turnMillisMax = 5
// What is shorter is mostly out of our hands at once.
const watchedBytesMin = 64 * 1024
// As long as a request may take to come. Upstream: --request-timeout, which ends what is still being written
const takingMillisMax = 60_000

/** What was made in one turn. */
interface Turn {
  parts: readonly Part[]
  isLast: boolean
}

export function writeBody(response: ServerResponse, answer: WholeAnswer, takingMillis = takingMillisMax): void {
  const { code, headers, body, acceptsGzip } = answer
  const rest = typeof body === 'object' && 'next' in body ? body : undefined
  const first = rest ? makeTurn(rest, Number.POSITIVE_INFINITY) : { parts: typeof body === 'string' ? [body] : (body as readonly Part[]), isLast: true }
  const { parts, isLast } = first
  const length = parts.reduce((bytes, part) => bytes + lengthOf(part), 0)
  if (length > watchedBytesMin || !isLast) limitTaking(response, takingMillis)
  if ((length > gzipThresholdBytes || !isLast) && !headers['Content-Encoding'] && acceptsGzip()) {
    const vary = headers.Vary ? `${headers.Vary}, Accept-Encoding` : 'Accept-Encoding'
    response.writeHead(code, { ...headers, 'Content-Encoding': 'gzip', Vary: vary })
    pipeline(Readable.from(allParts(first, rest)), createGzip({ level: constants.Z_BEST_SPEED }), response, ignoreEnd)
    return
  }
  // How long it is nobody knows before all of it is made.
  if (isLast) headers['Content-Length'] = length
  response.writeHead(code, headers)
  const [only] = parts
  // Head and body become one text and one write where both are of one encoding, and that of heads is latin1.
  if (isLast && parts.length === 1 && typeof only === 'string' && length === only.length) response.end(only, 'latin1')
  else if (isLast && parts.length === 1 && typeof only === 'object') response.end(only)
  else if (isLast && length <= joinedBytesMax) response.end(joined(parts, length))
  else goOnWriting(response, allParts(first, rest))
}

/** Some of it in one write, and more when the client has taken it. */
function writeInTurns(response: ServerResponse, rest: Iterator<Part, void>): void {
  const { parts, isLast } = makeTurn(rest, turnBytesMax)
  let isTaken = true
  // Not corked: Node 22 would end a body before what it holds back of it. What is written in one turn is gathered anyway.
  // The head goes out with the first part, and in the encoding of a text.
  response.write('', 'latin1')
  for (const part of parts) isTaken = response.write(part)
  if (isLast) {
    response.end()
    return
  }
  // Others have their turn before.
  const goOn = () => setImmediate(goOnWriting, response, rest)
  if (isTaken) goOn()
  else response.once('drain', goOn)
}

function goOnWriting(response: ServerResponse, rest: Iterator<Part, void>): void {
  // A client that went away takes nothing more.
  if (response.destroyed) return
  try {
    writeInTurns(response, rest)
  } catch (error) {
    response.destroy(error as Error)
  }
}

function makeTurn(rest: Iterator<Part, void>, bytesMax: number): Turn {
  const parts: Part[] = []
  const end = performance.now() + turnMillisMax
  for (let bytes = 0; bytes < bytesMax && performance.now() < end; ) {
    const { value, done } = rest.next()
    if (done) return { parts, isLast: true }
    parts.push(value)
    bytes += value.length
  }
  return { parts, isLast: false }
}

function* allParts({ parts }: Turn, rest: Iterator<Part, void> | undefined): Generator<Part, void> {
  yield* longParts(parts)
  for (let next = rest?.next(); next && !next.done; next = rest?.next()) yield next.value
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
function* longParts(parts: readonly Part[]): Generator<Part> {
  let short: Part[] = []
  let size = 0
  for (const part of parts) {
    const length = lengthOf(part)
    if (size && size + length > joinedBytesMax) {
      yield joined(short, size)
      short = []
      size = 0
    }
    if (length > joinedBytesMax) {
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
