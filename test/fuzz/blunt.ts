// Blunt requests: bytes that no client library would send. Whatever comes back is HTTP, and nobody else is served worse.
import { AnswerReader, headerOf, NoAnswer } from './answer-reader.js'
import { type Chance, chanceFor, happens, oneOf } from './chance.js'
import type { Checks } from './checks.js'
import { speakAndListen } from './connection.js'
import { judge } from './judge.js'
import { bytesOf, type FuzzRequest, requestOf } from './requests.js'
import { mayWatch } from './targets.js'

// A server that waits for the rest of a body says nothing.
const patience = { firstMillis: 400, moreMillis: 30 }

export const bluntCheck = 'bare bytes: what comes back is whole answers of HTTP, no more than were asked for, none a failure of the server'

interface Blunt {
  bytes: Buffer
  target: string
  /** More would mean that something in a body or a header was taken for a request. */
  answersMax: number
}

const smuggled = 'GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n'

const heads: readonly ((lines: string[], next: Chance) => void)[] = [
  (lines) => lines.splice(1, 0, 'X-A: b\r\n\r\nX-Injected: yes'),
  (lines) => lines.splice(1, 0, 'X-A: b\rX-Injected: yes'),
  (lines) => lines.splice(1, 0, 'X-A: b\nX-Injected: yes'),
  (lines) => lines.splice(1, 0, 'X-A: a\0b'),
  (lines) => lines.splice(1, 0, 'X A: b'),
  (lines) => lines.splice(1, 0, 'X-A : b'),
  (lines) => lines.splice(1, 0, ': b'),
  (lines) => lines.splice(1, 0, ' folded'),
  (lines) => lines.splice(1, 0, 'X-A: b', '\tfolded'),
  (lines) => lines.splice(1, 0, `X-A: ${'x'.repeat(70_000)}`),
  (lines) => lines.splice(1, 0, ...Array.from({ length: 3000 }, (_, index) => `X-${index}: x`)),
  (lines) => lines.splice(1, 0, 'Transfer-Encoding: chunked'),
  (lines) => lines.splice(1, 0, 'Transfer-Encoding: gzip, chunked'),
  (lines) => lines.splice(1, 0, 'Transfer-Encoding: xchunked'),
  (lines) => lines.splice(1, 0, 'Transfer-Encoding:\tchunked', 'Transfer-Encoding: identity'),
  (lines) => lines.splice(1, 0, 'Content-Length: 5'),
  (lines) => lines.splice(1, 0, 'Content-Length: +5'),
  (lines) => lines.splice(1, 0, 'Content-Length: 5, 5'),
  (lines) => lines.splice(1, 0, 'Content-Length: 99999999999999999999'),
  (lines) => lines.splice(1, 0, 'Content-Length: -1'),
  (lines) => lines.splice(1, 0, 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'),
  (lines) => lines.splice(1, 0, 'Upgrade: websocket', 'Sec-WebSocket-Key: x', 'Sec-WebSocket-Version: 13'),
  (lines) => lines.splice(1, 0, 'Expect: something-else'),
  (lines) => lines.splice(1, 1),
  (lines, next) => {
    lines[0] = lines[0].replace(
      / HTTP\/1\.1$/,
      oneOf(['', ' HTTP/0.9', ' HTTP/1.0', ' HTTP/2.0', ' HTTP/3', ' http/1.1', ' HTTP/1.1 x', ' HTTP/1.1\t', ' HTTP/11.1', ' HTTP/1.', ' ICE/1.0'], next),
    )
  },
  (lines, next) => {
    lines[0] = lines[0].replace(/^\S+/, oneOf(['get', 'G\0T', 'GET\t', '', 'A'.repeat(300), 'PRI', 'CONNECT', 'GE T', 'POST\r\n'], next))
  },
  (lines, next) => {
    lines[0] = lines[0].replace(
      / (\S+) /,
      (_whole, target: string) =>
        ` ${oneOf([`${target} x`, `${target}\0`, `${target}\r\nX-Injected: yes`, `${target}\u00ff`, target.slice(1), `*`, 'localhost:80', `${target}#x`, `\\${target}`, `${target}\u007f`], next)} `,
    )
  },
  (lines, next) => {
    const at = next(lines.length)
    const letters = [...lines[at]]
    if (letters.length) letters[next(letters.length)] = String.fromCharCode(next(256))
    lines[at] = letters.join('')
  },
]

function bluntOf(seed: number, index: number): Blunt {
  const next = chanceFor(seed ^ 0x5eed, index)
  const { body, ...request } = requestOf(seed, index)
  // A HEAD would hide where its answer ends.
  const asked: FuzzRequest = {
    ...request,
    body: body ?? (happens(50, next) ? Buffer.from('{}') : undefined),
    method: request.method === 'HEAD' ? 'GET' : request.method,
    headers: [...request.headers, ['Connection', 'close']],
  }
  const whole = bytesOf(asked)
  const end = whole.indexOf('\r\n\r\n')
  const lines = whole.toString('latin1', 0, end).split('\r\n')
  for (let count = 1 + next(2); count > 0; count--) oneOf(heads, next)(lines, next)
  const separator = happens(95, next) ? '\r\n' : oneOf(['\n', '\r', '\n\r'], next)
  const rest = happens(10, next)
    ? Buffer.from(`0\r\n\r\n${smuggled}`)
    : whole.subarray(end + 4, happens(20, next) ? end + 4 + next(whole.length - end) : undefined)
  const bytes = Buffer.concat([Buffer.from(`${lines.join(separator)}${separator}${separator}`, 'latin1'), rest])
  // A line too many ends the head early: what follows may be read as another request.
  return { bytes, target: request.target, answersMax: 1 + (bytes.toString('latin1').match(/ HTTP\/1\.[01]\r?\n/g)?.length ?? 0) }
}

/** Sends the bytes of one number, and judges what comes back. */
export async function sendBlunt({ seed, port, checks }: { seed: number; port: number; checks: Checks }, index: number): Promise<void> {
  const { bytes, target, answersMax } = bluntOf(seed, index)
  const heard = await speakAndListen(port, bytes, patience)
  checks.note(
    bluntCheck,
    problemOf(heard.bytes, target, answersMax),
    () => `--seed ${seed}, bare ${index}: ${bytes.toString('latin1').slice(0, 700)}\n→ ${heard.bytes.toString('latin1').slice(0, 600)}`,
  )
}

function problemOf(heard: Buffer, target: string, answersMax: number): string | undefined {
  // The server has agreed to speak something else.
  if (heard.subarray(0, 20).toString('latin1').startsWith('HTTP/1.1 101')) return undefined
  const reader = new AnswerReader()
  reader.add(heard)
  let count = 0
  try {
    for (let answer = reader.next(() => false); answer; answer = reader.next(() => false)) {
      count++
      const isStream = mayWatch(target) && headerOf(answer.headers, 'content-length') === undefined
      const { headers, failure, body } = judge({ method: 'GET', target: target.startsWith('/openapi/') ? target : '', headers: [] }, answer)
      const problem = failure ?? (isStream ? undefined : body) ?? (headers?.includes('Audit-Id') ? undefined : headers)
      if (problem) return problem
    }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return error.message
  }
  return count > answersMax ? `${count} answers to ${answersMax} requests` : undefined
}
