// Watches under fuzz: streams on connections of their own, read for a moment and left.
import { decodeObject, isObject } from '../../src/machinery/index.js'
import { AnswerReader, headerOf, NoAnswer, type RawAnswer } from './answer-reader.js'
import type { Checks } from './checks.js'
import { speakAndListen } from './connection.js'
import { judge, shapeOf } from './judge.js'
import { bytesOf, describeRequest, type FuzzRequest } from './requests.js'
import { restChecks } from './rest.js'
import { isUpstreamError } from './upstream-errors.js'

const patience = { firstMillis: 5000, moreMillis: 50 }

export const watchCheck = 'watches: every frame is a whole event of one type, and streams end with one'

/** Asks, reads for a moment, and goes. What has no stream is judged as any other answer. */
export async function watchForAMoment(run: { seed: number; port: number; checks: Checks }, request: FuzzRequest): Promise<void> {
  const { seed, port, checks } = run
  const { bytes, isEnded } = await speakAndListen(port, bytesOf(withClose(request)), patience)
  const example = () => `${describeRequest(seed, request)}\n→ ${bytes.subarray(0, 600).toString('latin1')}`
  const stream = streamOf(bytes)
  if (stream) return checks.note(watchCheck, framesProblem(stream.type, stream.body, isEnded), example)
  const reader = new AnswerReader()
  reader.add(bytes)
  try {
    const answer = reader.next(() => request.method === 'HEAD')
    // Slow machines: nothing in time is no finding.
    if (answer) noteAnswer(checks, request, answer, example)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    checks.note(restChecks.answered, error.message, example)
  }
}

function noteAnswer(checks: Checks, request: FuzzRequest, answer: RawAnswer, example: () => string): void {
  const verdict = judge(request, answer)
  checks.note(restChecks.headers, verdict.headers, example)
  checks.note(restChecks.failure, verdict.failure, example)
  checks.note(restChecks.body, verdict.body, example)
}

const withClose = (request: FuzzRequest): FuzzRequest => ({ ...request, headers: [...request.headers, ['Connection', 'close']] })

/** The bytes of a stream so far, out of their chunks; nothing when the answer is a whole one. */
function streamOf(sent: Buffer): { type: string; body: Buffer } | undefined {
  const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
  const bytes = sent.toString('latin1', 0, goOn.length) === goOn ? sent.subarray(goOn.length) : sent
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.toString('latin1', 0, Math.max(end, 0)).split('\r\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  if (!first.startsWith('HTTP/1.1 200') || headerOf(headers, 'transfer-encoding') !== 'chunked' || headerOf(headers, 'content-encoding')) return undefined
  const chunks: Buffer[] = []
  for (let at = end + 4; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (lineEnd < 0 || !(size > 0)) break
    chunks.push(bytes.subarray(lineEnd + 2, Math.min(lineEnd + 2 + size, bytes.length)))
    at = lineEnd + 2 + size + 2
  }
  return { type: headerOf(headers, 'content-type') ?? '', body: Buffer.concat(chunks) }
}

const eventTypes = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function framesProblem(type: string, body: Buffer, isEnded: boolean): string | undefined {
  if (type.startsWith('application/vnd.kubernetes.protobuf')) return protobufFramesProblem(body, isEnded)
  if (!type.startsWith('application/json')) return `a stream of ${type}`
  const lines = body.toString('utf8').split('\n')
  const rest = lines.pop()
  if (isEnded && rest) return `a stream ends within an event: ${rest.slice(0, 200)}`
  for (const line of lines) {
    let event: unknown
    try {
      event = JSON.parse(line)
    } catch (error) {
      // A list, asked for where "watch" is only a name.
      return `no event: ${(error as Error).message}: ${line.slice(0, 200)}`
    }
    if (!isObject(event)) return `no event: ${line.slice(0, 200)}`
    if (lines.length === 1 && typeof event.kind === 'string') return undefined
    if (!eventTypes.has(event.type) || !isObject(event.object) || Object.keys(event).length !== 2) return `no event: ${line.slice(0, 200)}`
    if (event.type === 'ERROR' && event.object.code >= 500 && !isUpstreamError(event.object.code, event.object.message))
      return `a stream ends with ${line.slice(0, 300)}`
  }
  return undefined
}

function protobufFramesProblem(body: Buffer, isEnded: boolean): string | undefined {
  if (body.subarray(0, 4).toString('latin1') === 'k8s\0') return undefined
  let at = 0
  while (at + 4 <= body.length && at + 4 + body.readUInt32BE(at) <= body.length) {
    const frame = body.subarray(at + 4, at + 4 + body.readUInt32BE(at))
    const decoded = decodeObject(frame, { apiVersion: '', kind: '' }, shapeOf)
    // The envelope of an event names no kind: its inside is looked at elsewhere.
    if ('error' in decoded && frame.length < 8) return `a frame of ${frame.length} bytes`
    at += 4 + frame.length
  }
  return isEnded && at !== body.length ? 'a stream ends within a frame' : undefined
}
