import http, { type IncomingMessage, type RequestListener } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Part, writeBody } from '../../../src/http/body/write-body.js'

const shared = (text: string) => {
  const bytes = Buffer.from(new SharedArrayBuffer(text.length))
  bytes.write(text)
  return bytes as Buffer
}
const parts: Part[] = Array.from({ length: 200 }, (_, index) => {
  const text = String(index).repeat(1 + (index % 7) * 9000)
  return index % 3 === 0 ? text : index % 3 === 1 ? Buffer.from(text) : shared(text)
})
const whole = parts.join('')

const known = (): Part[] => parts
/** Made while they are written: each takes a moment. */
function* making(each: readonly Part[]): Generator<Part, void> {
  for (const part of each) {
    const end = performance.now() + 0.5
    while (performance.now() < end);
    yield part
  }
}
const made = () => making(parts)

const answering = (body: () => Part[] | Iterator<Part, void>, acceptsGzip = false) =>
  ((_request, response) => writeBody(response, { code: 200, headers: {}, body: body(), acceptsGzip: () => acceptsGzip })) satisfies RequestListener

async function listen<Server extends http.Server | http2.Http2Server>(server: Server): Promise<number> {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const get = (port: number) => new Promise<IncomingMessage>((resolve) => http.get({ port, agent: false }, resolve))

/** Takes a piece, and does something else for a while, again and again. */
async function readSlowly(stream: Readable): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) {
    pieces.push(piece)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  }
  return Buffer.concat(pieces).toString()
}

describe.each([
  ['known', known],
  ['made meanwhile', made],
])('long and short parts, %s', (_what, body) => {
  it('arrive whole and in order, however slowly they are read', async () => {
    const response = await get(await listen(http.createServer(answering(body))))
    expect(response.headers['content-length']).toBe(body === known ? String(whole.length) : undefined)
    expect((await readSlowly(response)) === whole).toBe(true)
  })

  it('arrive so over HTTP/2', async () => {
    const session = http2.connect(`http://127.0.0.1:${await listen(http2.createServer(answering(body) as never))}`)
    expect((await readSlowly(session.request({ ':path': '/' }))) === whole).toBe(true)
    session.close()
  })

  it('arrive so compressed', async () => {
    const response = await get(await listen(http.createServer(answering(body, true))))
    expect(response.headers['content-encoding']).toBe('gzip')
    expect((await readSlowly(response.pipe(createGunzip()))) === whole).toBe(true)
  })
})

it('a head is latin1 whatever a long text is', async () => {
  const text = '\u00e9\u4e00'.repeat(20_000)
  const answers: (() => Part[] | Iterator<Part, void>)[] = [() => [text], () => [text, text].values()]
  for (const body of answers) {
    const server = http.createServer((_request, response) =>
      writeBody(response, { code: 200, headers: { Note: '\u00e9' }, body: body(), acceptsGzip: () => false }),
    )
    const response = await get(await listen(server))
    expect(response.headers.note).toBe('\u00e9')
    expect((await readSlowly(response)).startsWith(text)).toBe(true)
  }
})

it('a short body that is made has its length', async () => {
  const response = await get(await listen(http.createServer(answering(() => ['a', Buffer.from('b')].values()))))
  expect(response.headers['content-length']).toBe('2')
  expect(await readSlowly(response)).toBe('ab')
})

it('a body that takes long to make leaves others their turn, however quickly it is taken', async () => {
  // In all less than the connection holds.
  const port = await listen(http.createServer(answering(() => making(Array.from({ length: 200 }, () => 'x'.repeat(10_000))))))
  let turns = 0
  const others = setInterval(() => turns++, 0)
  await readSlowly(await get(port))
  clearInterval(others)
  expect(turns).toBeGreaterThan(10)
})

it('a body that cannot be made to its end is cut off, and the server goes on', async () => {
  function* failing(): Generator<Part, void> {
    for (let count = 0; count < 100; count++) yield* making(['x'.repeat(20_000)])
    throw new Error('broken')
  }
  const bodies = [failing, () => making(['whole'])]
  const port = await listen(http.createServer((request, response) => answering(bodies.shift() as () => Generator<Part, void>)(request, response)))
  await expect(readSlowly(await get(port))).rejects.toThrow('aborted')
  expect(await readSlowly(await get(port))).toBe('whole')
})

it('a body that nobody takes any more is not made to its end', async () => {
  let count = 0
  let isOver = () => {}
  const over = new Promise<void>((resolve) => (isOver = resolve))
  function* endless(): Generator<Part, void> {
    for (;;) {
      count++
      yield 'x'.repeat(100_000)
    }
  }
  const answer = answering(endless)
  const port = await listen(
    http.createServer((request, response) => {
      response.once('close', isOver)
      answer(request, response)
    }),
  )
  const response = await get(port)
  response.destroy()
  await over
  const made = count
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  expect(count).toBe(made)
})
