// The gRPC part: calls over HTTP/2, many on one connection, and frames that are none.
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { messages } from '../grpc/wire.js'
import type { Checks } from './checks.js'
import { type GrpcCall, grpcCallOf } from './grpc-requests.js'
import { isUpstreamError } from './upstream-errors.js'

export const grpcChecks = {
  ended: 'gRPC: every call ends with a status, in the headers that the server sets, and no others',
  failure: 'gRPC: no INTERNAL, UNKNOWN or UNAVAILABLE but where REST fails too, or the bytes are no call',
  answer: 'gRPC: what is answered is a message of the contract',
  time: 'gRPC: no call takes the server more than a second',
} as const

const inFlight = 16
const patienceMillis = 30_000
const watchMillis = 40
const lateMillis = 1000

/** What gRPC says of bytes that are no call, whatever the service. Upstream: github.com/grpc/grpc doc/statuscodes.md, doc/compression.md */
const protocolErrors: readonly { message: RegExp; reason: string }[] = [
  { message: /^Failed to decompress message$/, reason: 'what claims to be compressed and is not' },
  { message: /^Invalid grpc-timeout value /, reason: 'a deadline that is none; grpc-go: malformed grpc-timeout' },
]

export interface GrpcRun {
  seed: number
  grpcPort: number
  checks: Checks
  cpuMillis(): Promise<number>
}

export interface CallResult {
  httpStatus: number
  grpcStatus: string | undefined
  message: string
  headers: IncomingHttpHeaders
  trailers: IncomingHttpHeaders
  bytes: Buffer
  resetCode: number
  millis: number
  isLost: boolean
}

/** @returns how many calls ended with which status */
export async function sendCalls(run: GrpcRun, first: number, end: number): Promise<Map<string, number>> {
  const statuses = new Map<string, number>()
  const late: GrpcCall[] = []
  let session = open(run.grpcPort)
  let index = first
  const lane = async () => {
    while (index < end) {
      const call = grpcCallOf(run.seed, index++)
      if (session.closed || session.destroyed) session = open(run.grpcPort)
      let result = await callOver(session, call)
      if (result.isLost) {
        const own = open(run.grpcPort)
        result = await callOver(own, call)
        own.destroy()
      }
      const kind = result.grpcStatus ?? (result.resetCode ? `reset ${result.resetCode}` : `HTTP ${result.httpStatus}`)
      statuses.set(kind, (statuses.get(kind) ?? 0) + 1)
      judge(run, call, result)
      if (!call.isStream && result.millis > lateMillis) late.push(call)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  for (const call of late) {
    const before = await run.cpuMillis()
    await callOver(session, call)
    const spent = (await run.cpuMillis()) - before
    run.checks.note(grpcChecks.time, spent > lateMillis ? `${Math.round(spent)} ms on the processor` : undefined, () => describeCall(run.seed, call))
  }
  run.checks.note(grpcChecks.time)
  session.destroy()
  return statuses
}

function open(port: number): ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  session.setMaxListeners(100)
  return session
}

export function callOver(
  session: ClientHttp2Session,
  { path, headers, bytes, isStream }: Pick<GrpcCall, 'path' | 'headers' | 'bytes' | 'isStream'>,
): Promise<CallResult> {
  return new Promise((resolve) => {
    const result: CallResult = {
      httpStatus: 0,
      grpcStatus: undefined,
      message: '',
      headers: {},
      trailers: {},
      bytes: Buffer.alloc(0),
      resetCode: 0,
      millis: 0,
      isLost: false,
    }
    const began = performance.now()
    let stream: ClientHttp2Stream
    try {
      stream = session.request({ ':method': 'POST', ':path': path, ...headers })
    } catch {
      // A header that the client itself does not send.
      return resolve({ ...result, httpStatus: 200, grpcStatus: 'unsent' })
    }
    const chunks: Buffer[] = []
    const timer = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), isStream ? watchMillis : patienceMillis)
    stream.on('response', (given) => {
      result.headers = given
      result.httpStatus = Number(given[':status'])
    })
    stream.on('trailers', (given) => {
      result.trailers = given
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('error', () => {})
    stream.on('close', () => {
      clearTimeout(timer)
      const told = { ...result.headers, ...result.trailers }
      const status = told['grpc-status']
      result.grpcStatus = status === undefined ? undefined : String(status)
      result.message = decodeURIComponent(String(told['grpc-message'] ?? ''))
      result.bytes = Buffer.concat(chunks)
      result.resetCode = stream.rstCode ?? 0
      result.millis = performance.now() - began
      result.isLost = !result.httpStatus && !result.resetCode
      resolve(result)
    })
    stream.end(bytes)
  })
}

const names = new Set([
  ':status',
  'content-type',
  'date',
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
  'grpc-accept-encoding',
  'grpc-encoding',
  'warning',
  'accept-post',
])
const cancelled = http2.constants.NGHTTP2_CANCEL

function judge({ checks, seed }: GrpcRun, call: GrpcCall, result: CallResult): void {
  const example = () => `${describeCall(seed, call)}\n→ HTTP ${result.httpStatus}, status ${result.grpcStatus}: ${result.message}, reset ${result.resetCode}`
  if (result.grpcStatus === 'unsent') return
  const strange = [...Object.keys(result.headers), ...Object.keys(result.trailers)].find((name) => !names.has(name))
  const isLeft = call.isStream && result.resetCode === cancelled
  const isEnded = isLeft || result.grpcStatus !== undefined || result.httpStatus >= 400 || (result.resetCode && result.resetCode !== cancelled)
  checks.note(
    grpcChecks.ended,
    strange ? `a header that the server does not set: ${strange}` : isEnded ? undefined : `it ends with HTTP ${result.httpStatus} and no status`,
    example,
  )
  checks.note(grpcChecks.failure, failureOf(result), example)
  if (call.response && result.grpcStatus === '0') checks.note(grpcChecks.answer, answerProblem(call, result), example)
}

function failureOf({ grpcStatus, message, httpStatus }: CallResult): string | undefined {
  if (httpStatus >= 500) return `HTTP ${httpStatus}`
  if (grpcStatus === '14') return isUpstreamError(504, message) ? undefined : `UNAVAILABLE: ${message}`
  if (grpcStatus !== '13' && grpcStatus !== '2') return undefined
  if (isUpstreamError(500, message)) return undefined
  return protocolErrors.some((each) => each.message.test(message)) ? undefined : `${grpcStatus === '2' ? 'UNKNOWN' : 'INTERNAL'}: ${message}`
}

function answerProblem({ response, isStream }: GrpcCall, { bytes }: CallResult): string | undefined {
  const found: Buffer[] = []
  let at = 0
  while (at + 5 <= bytes.length) {
    const length = bytes.readUInt32BE(at + 1)
    found.push(bytes.subarray(at + 5, at + 5 + length))
    at += 5 + length
  }
  if (at !== bytes.length) return 'a message is cut off'
  if (!isStream && found.length !== 1) return `${found.length} messages`
  try {
    for (const each of found) messages.decode(response as string, each)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

export function describeCall(seed: number, { index, path, headers, bytes }: GrpcCall): string {
  return `--seed ${seed}, call ${index}: ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)}\n${bytes.toString('hex').slice(0, 1200)}`
}
