// Requests as clients make them: many on one connection, in pieces, with expectations, encoded one way or another.
import http from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, configMaps, openApp, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
  for (let index = 0; index < 50; index++) app.realm.create('v1/configmaps', configMap(`c${index}`, { data: { index: String(index) } }))
})
afterAll(() => app.close())

const head = (method: string, path: string, ...lines: string[]) => `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`
const text = JSON.stringify(configMap('sent', { data: { a: 'b' } }))
const dryRun = `${configMaps}?dryRun=All`

describe('a connection', () => {
  it('carries requests one after the other, as long as the client likes', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const sockets = new Set<unknown>()
    for (let round = 0; round < 200; round++) {
      await new Promise<void>((resolve, reject) => {
        const request = http.get({ host: '127.0.0.1', port: app.port, path: round % 3 ? `${configMaps}/c1` : `${configMaps}/none`, agent }, (response) => {
          sockets.add(response.socket)
          response.resume().on('end', resolve)
        })
        request.on('error', reject)
      })
    }
    agent.destroy()
    expect(sockets.size).toBe(1)
  })

  it('carries requests that do not wait for each other, and answers them in order, on many at once', async () => {
    const numbers = Array.from({ length: 200 }, (_, index) => index % 50)
    const pipelined = numbers.map((index) =>
      index % 7 ? head('GET', `${configMaps}/c${index}`) : `${head('POST', dryRun, `Content-Length: ${text.length}`)}${text}`,
    )
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => app.speak(`${pipelined.join('')}${head('GET', '/nope', 'Connection: close')}`, { keepOpen: true })),
    )
    for (const answer of answers) {
      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([...numbers.map((index) => (index % 7 ? 'HTTP/1.1 200' : 'HTTP/1.1 201')), 'HTTP/1.1 404'])
      expect([...answer.matchAll(/"name":"(c\d+|sent)"/g)].map(([, name]) => name)).toEqual(numbers.map((index) => (index % 7 ? `c${index}` : 'sent')))
    }
    expect(app.mistakes).toEqual([])
  })

  it('that is asked to end does so after the answer', async () => {
    const answer = await app.speak(head('GET', `${configMaps}/c1`, 'Connection: close') + head('GET', `${configMaps}/c2`), { keepOpen: true })
    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    expect(answer).toMatch(/\r\nConnection: close\r\n/)
  })

  it('of HTTP/1.0 ends with the answer', async () => {
    expect(await app.speak(`GET ${configMaps}/c1 HTTP/1.0\r\n\r\n`, { keepOpen: true })).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\nConnection: close\r\n/)
  })
})

describe('a body', () => {
  const wait = 'Expect: 100-continue'

  it('is asked for when the client waits for that', async () => {
    const received: string[] = []
    const socket = connect(app.port, '127.0.0.1', () => socket.write(head('POST', dryRun, wait, `Content-Length: ${text.length}`, 'Connection: close')))
    socket.on('data', (chunk) => {
      received.push(chunk.toString())
      if (received.length === 1) socket.write(text)
    })
    await new Promise((resolve) => socket.on('close', resolve))
    expect(received[0]).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(received[1]).toMatch(/^HTTP\/1\.1 201 Created/)
  })

  it('is not awaited when something else is expected', async () => {
    expect(await app.speak(head('POST', dryRun, 'Expect: miracles', `Content-Length: ${text.length}`, 'Connection: close') + text)).toMatch(/^HTTP\/1\.1 417 /)
  })

  it('may come in pieces of any size', async () => {
    const pieces = [...text].map((character) => `1\r\n${character}\r\n`).join('')
    const sent = head('POST', dryRun, 'Transfer-Encoding: chunked', 'Content-Type: application/json', 'Connection: close')
    expect(await app.speak(`${sent}${pieces}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 /)
    expect(await app.speak(`${sent}${text.length.toString(16)};note=x\r\n${text}\r\n0\r\nTrailer: x\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 /)
  })

  it('that is compressed is read as it is, which is no JSON', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    const { json } = await app.ask('POST', dryRun, { headers, body: gzipSync(text) })
    expect([json.code, json.message]).toEqual([
      400,
      expect.stringMatching(
        /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: invalid character '\\x1f' looking for beginning of value \(1f8b08[0-9a-f]+ \.\.\.\)$/,
      ),
    ])
    // What is plain is read, whatever is said of it.
    expect((await app.ask('POST', dryRun, { headers, body: text })).status).toBe(201)
  })
})

describe('CBOR', () => {
  const cbor = 'application/cbor'

  it('is not offered', async () => {
    const { status, json } = await app.get(`${configMaps}/c1`, { accept: cbor })
    const available = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
    expect([status, json.message]).toEqual([406, `406: Not Acceptable\n\nAvailable representations: ${available}`])
    expect((await app.get(`${configMaps}?watch=1`, { accept: 'application/cbor-seq' })).status).toBe(406)
    expect((await app.get(`${configMaps}/c1`, { accept: `${cbor}, application/json` })).headers['content-type']).toBe('application/json')
  })

  it.each([
    ['POST', configMaps, cbor, /accepted media types include: application\/json, application\/yaml, application\/vnd.kubernetes.protobuf$/],
    ['PUT', `${configMaps}/c1`, cbor, /accepted media types include: /],
    ['DELETE', `${configMaps}/c1`, cbor, /accepted media types include: /],
    ['PATCH', `${configMaps}/c1`, 'application/apply-patch+cbor', /^415: Unsupported Media Type$/],
  ])('is not read: %s', async (method, path, type, message) => {
    const { status, json } = await app.ask(method, path, { headers: { 'content-type': type }, body: Buffer.from('d9d9f7a0', 'hex') })
    expect([status, json.reason, json.message]).toEqual([415, 'UnsupportedMediaType', expect.stringMatching(message)])
  })
})
