import http, { type IncomingMessage, type RequestListener } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { expect, it } from 'vitest'
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

const answer: RequestListener = (_request, response) => writeBody(response, { code: 200, headers: {}, body: parts, acceptsGzip: () => false })

/** Takes a piece, and does something else for a while, again and again. */
async function readSlowly(stream: Readable): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) {
    pieces.push(piece)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
  }
  return Buffer.concat(pieces).toString()
}

it('long and short parts arrive whole and in order, however slowly they are read', async () => {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const response = await new Promise<IncomingMessage>((resolve) => http.get({ port: (server.address() as AddressInfo).port }, resolve))
  expect(response.headers['content-length']).toBe(String(whole.length))
  expect((await readSlowly(response)) === whole).toBe(true)
  server.close()
})

it('so they do over HTTP/2', async () => {
  const server = http2.createServer(answer as never).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect((await readSlowly(session.request({ ':path': '/' }))) === whole).toBe(true)
  session.close()
  server.close()
})
