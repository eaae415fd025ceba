// Frames of HTTP/2 that are none, or not where they stand: whatever they are, the connections of others go on.
import http2 from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { type Chance, chanceFor, happens, oneOf } from './chance.js'
import type { Checks } from './checks.js'
import { callOver } from './grpc.js'

export const frameChecks = {
  grpc: 'HTTP/2 frames: a call on a connection of its own is answered while others send what is no frame (gRPC)',
  secure: 'HTTP/2 frames: a request on a connection of its own is answered while others send what is no frame (HTTPS)',
} as const

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const types = { data: 0, headers: 1, priority: 2, reset: 3, settings: 4, push: 5, ping: 6, goaway: 7, window: 8, continuation: 9 }

function frame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length & 0xffffff, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream >>> 0, 5)
  return Buffer.concat([head, payload])
}

/** Header fields as they are, without any table. */
function block(fields: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'latin1')
    return bytes.length < 127 ? Buffer.concat([Buffer.of(bytes.length), bytes]) : Buffer.concat([Buffer.of(127, ...sevenBits(bytes.length - 127)), bytes])
  }
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]))
}

function sevenBits(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...sevenBits(Math.floor(value / 128))]
}

const fieldsOf = (path: string) =>
  [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ] as const

const oddFields: readonly (readonly [string, string])[] = [
  ['X-Upper', 'a'],
  ['x a', 'b'],
  ['x-a', 'b\r\nx-injected: yes'],
  ['x-a', 'b\0c'],
  [':path', '/twice'],
  [':unknown', 'x'],
  ['connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['content-length', '5'],
  ['content-length', '-1'],
  ['__proto__', 'x'],
  ['', 'x'],
  ['x-large', 'x'.repeat(20_000)],
]

export function framesOf(next: Chance): Buffer {
  const path = oneOf(['/grpc.health.v1.Health/Check', '/kubedouble.v1.Pods/List', '/api/v1/namespaces', '/x\r\ny', ''], next)
  const fields = happens(40, next) ? [...fieldsOf(path), oneOf(oddFields, next)] : fieldsOf(path)
  const opening = [
    happens(95, next) ? preface : oneOf([Buffer.from('GET / HTTP/1.1\r\n\r\n'), preface.subarray(0, 10), Buffer.alloc(24)], next),
    frame(types.settings, 0, 0, Buffer.alloc(0)),
  ]
  const parts = [frame(types.headers, 4, 1, block(fields)), frame(types.data, 1, 1, Buffer.of(0, 0, 0, 0, 0))]
  for (let count = 1 + next(4); count > 0; count--) parts.splice(next(parts.length + 1), 0, oddFrame(next))
  let bytes = Buffer.concat([...opening, ...parts])
  if (happens(30, next)) {
    bytes = Buffer.from(bytes)
    for (let count = 1 + next(5); count > 0; count--) bytes[24 + next(Math.max(bytes.length - 24, 1))] = next(256)
  }
  return happens(15, next) ? bytes.subarray(0, next(bytes.length)) : bytes
}

function oddFrame(next: Chance): Buffer {
  const stream = oneOf([0, 1, 2, 3, 5, 0x7fffffff, 0x80000001], next)
  const many = (make: (index: number) => Buffer, count: number) => Buffer.concat(Array.from({ length: count }, (_, index) => make(index)))
  switch (next(12)) {
    case 0:
      return frame(types.window, 0, stream, Buffer.from(oneOf(['00000000', '7fffffff', 'ffffffff', '00'], next), 'hex'))
    case 1:
      return frame(
        types.settings,
        oneOf([0, 1], next),
        oneOf([0, 1], next),
        Buffer.from(oneOf(['000400000000', '0004ffffffff', '000500000001', '0003', '000300000000', '000100000000', 'ffff00000000'], next), 'hex'),
      )
    case 2:
      return many(() => frame(types.ping, 0, 0, Buffer.alloc(8)), 200)
    case 3:
      // Begun and given up, again and again.
      return many(
        (index) =>
          Buffer.concat([
            frame(types.headers, 4, 101 + index * 2, block(fieldsOf('/grpc.health.v1.Health/Check'))),
            frame(types.reset, 0, 101 + index * 2, Buffer.from('00000008', 'hex')),
          ]),
        60,
      )
    case 4:
      // A head without end.
      return Buffer.concat([
        frame(types.headers, 0, 7, block(fieldsOf('/x'))),
        many((index) => frame(types.continuation, 0, 7, block([[`x-${index}`, 'x'.repeat(200)]])), 300),
      ])
    case 5:
      return frame(types.data, 8, stream, Buffer.of(255, 1, 2, 3))
    case 6:
      return frame(types.push, 4, stream, Buffer.concat([Buffer.from('00000002', 'hex'), block(fieldsOf('/x'))]))
    case 7:
      return frame(types.goaway, 0, 0, Buffer.from('0000000100000000', 'hex'))
    case 8:
      return frame(next(256), next(256), next(2 ** 31), Buffer.alloc(next(100), next(256)))
    case 9:
      return frame(types.data, 0, 1, Buffer.alloc(20), oneOf([0xffffff, 0x10000, 0], next))
    case 10:
      // References to a table that holds nothing, and sizes that nobody has.
      return frame(types.headers, 4, stream, Buffer.from(oneOf(['ff80808080', '3fffffffff7f', 'be', 'bf80', '00ff'], next), 'hex'))
    default:
      return many((index) => frame(types.settings, 0, 0, Buffer.from(`0003000000${(index % 90) + 10}`, 'hex')), 100)
  }
}

const readMillis = 25
const probeMillisMax = 5000

interface FramesRun {
  seed: number
  port: number
  checks: Checks
}

/** Sends so many conversations of frames on the gRPC port; between them a client in good order asks whether the server is well. */
export async function sendFrames({ seed, port, checks }: FramesRun, from: number, count: number): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  await conversations(
    seed,
    from,
    count,
    () => connect({ port, host: '127.0.0.1' }),
    async (index) => {
      const began = performance.now()
      const { grpcStatus } = await callOver(session, {
        path: '/grpc.health.v1.Health/Check',
        headers: { 'content-type': 'application/grpc', te: 'trailers' },
        bytes: Buffer.alloc(5),
        isStream: false,
      })
      const millis = performance.now() - began
      checks.note(
        frameChecks.grpc,
        grpcStatus === '0' && millis < probeMillisMax ? undefined : `status ${grpcStatus} after ${Math.round(millis)} ms`,
        () => `--seed ${seed}, frames before ${index}`,
      )
    },
  )
  session.destroy()
}

/** The same over TLS, where both versions of HTTP are spoken. */
export async function sendSecureFrames({ seed, port, checks }: FramesRun, from: number, count: number): Promise<void> {
  const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  const begin = () => connectSecure({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  await conversations(seed, from, count, begin, async (index) => {
    const status = await new Promise<number>((resolve) => {
      const stream = session.request({ ':path': '/version' })
      stream.on('response', (headers) => resolve(Number(headers[':status'])))
      stream.on('error', () => resolve(0))
      stream.on('close', () => resolve(0))
      stream.setTimeout(probeMillisMax, () => stream.close())
      stream.resume()
    })
    // Without credentials, but in good order.
    checks.note(frameChecks.secure, status === 401 || status === 200 ? undefined : `answered ${status}`, () => `--seed ${seed}, frames before ${index}`)
  })
  session.destroy()
}

const lanes = 8

async function conversations(seed: number, from: number, count: number, begin: () => Socket, probe: (index: number) => Promise<void>): Promise<void> {
  let index = from
  const lane = async () => {
    while (index < from + count) {
      const own = index++
      await converse(begin(), framesOf(chanceFor(seed ^ 0xf7a3e, own)))
      if (own % lanes === 0) await probe(own)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

export function converse(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), readMillis * 8)
    socket.once('connect', () => socket.write(bytes, () => setTimeout(() => socket.destroy(), readMillis)))
    socket.on('data', () => {})
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
