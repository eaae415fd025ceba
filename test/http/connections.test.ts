// Connections: both versions of HTTP on one port, clients that do not speak it, and clients that take their time.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http2 from 'node:http2'
import https from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Certificates, openCertificates } from '../../src/certificates/index.js'
import { type Plain, status, systemUser } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, type TestApp, type TestAppOptions } from '../support/app.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-connections-'))
let certificates: Certificates
let app: TestApp
beforeAll(async () => {
  certificates = await openCertificates({ folder, serverNames: ['localhost', '127.0.0.1'] })
})
afterEach(() => app.close())
afterAll(() => rmSync(folder, { recursive: true }))

async function open(options: TestAppOptions = {}): Promise<void> {
  app = await openApp(options)
}

/** The Status in the last answer on a connection. */
function statusIn(answer: string): Plain {
  return JSON.parse(answer.slice(answer.lastIndexOf('\r\n\r\n') + 4)) as Plain
}

describe('a client that closes its half after asking', () => {
  /** All that comes. */
  async function askAndClose(path: string): Promise<string> {
    const socket = connect({ port: app.port, allowHalfOpen: true })
    socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    const pieces: Buffer[] = []
    for await (const piece of socket) pieces.push(piece)
    return Buffer.concat(pieces).toString()
  }

  it('gets its whole answer, however many turns that takes', async () => {
    await open()
    for (let index = 0; index < 30; index++) app.realm.create('v1/configmaps', configMap(`long-${index}`, { data: { k: 'x'.repeat(300_000) } }))
    const answer = await askAndClose(configMaps)
    expect(answer.length).toBeGreaterThan(30 * 300_000)
    expect(answer).toMatch(/(?:\]\}\n|0\r\n\r\n)$/)
  })

  it('has said that it waits for no more of a watch', async () => {
    await open()
    expect(await askAndClose(`${configMaps}?watch=1`)).toMatch(/^HTTP\/1.1 200 OK/)
  })
})

describe('over TLS', () => {
  const openSecure = (limits = {}) => open({ tls: { ...certificates.server, ca: certificates.ca }, limits })
  const session = () => http2.connect(app.url, { ca: certificates.ca })

  function ask(client: http2.ClientHttp2Session, path: string, { method = 'GET', body, ...headers }: Record<string, string> = {}) {
    return new Promise<{ status: number; headers: http2.IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const stream = client.request({ ':path': path, ':method': method, ...headers })
      const chunks: Buffer[] = []
      let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {}
      stream.on('response', (found) => {
        head = found
      })
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => resolve({ status: head[':status'] ?? 0, headers: head, text: Buffer.concat(chunks).toString() }))
      stream.on('error', reject)
      stream.end(body)
    })
  }

  it('HTTP/2 is offered, with everything that HTTP/1.1 has', async () => {
    await openSecure()
    const client = session()
    const made = await ask(client, configMaps, { method: 'POST', 'content-type': 'application/json', body: JSON.stringify(configMap('a', { ключ: 1 })) })
    expect([made.status, JSON.parse(made.text).metadata.name]).toEqual([201, 'a'])
    expect(Buffer.from(made.headers.warning as string, 'latin1').toString()).toBe('299 - "unknown field \\"ключ\\""')
    expect(made.headers['audit-id']).toBeDefined()
    expect((await ask(client, `${configMaps}/none`)).status).toBe(404)
    for (const method of ['HEAD', 'TRACE', 'QUERY', 'NOBODY-KNOWS']) expect((await ask(client, `${configMaps}/a`, { method })).status).toBe(405)
    expect(app.mistakes).toEqual([])
    expect((await ask(client, configMaps, { method: 'POST', 'content-type': 'application/json', body: 'x'.repeat(3_200_000) })).status).toBe(413)
    client.close()
  })

  it('many watches share one connection, and end with the server', async () => {
    await openSecure()
    const client = session()
    client.on('error', () => {})
    const lines: string[] = []
    const ended = [1, 2, 3, 4, 5].map(
      () =>
        new Promise<boolean>((resolve) => {
          const stream = client.request({ ':path': `${configMaps}?watch=1` })
          stream.on('data', (chunk: Buffer) => lines.push(...chunk.toString().trim().split('\n')))
          stream.on('end', () => resolve(true))
          stream.on('error', () => resolve(false))
        }),
    )
    while (app.openWatches.streams.size < 5) await new Promise(setImmediate)
    app.realm.create('v1/configmaps', configMap('a'))
    while (lines.length < 5) await new Promise(setImmediate)
    expect(lines.map((line) => JSON.parse(line).object.metadata.name)).toEqual(['a', 'a', 'a', 'a', 'a'])
    const began = performance.now()
    await app.close()
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await Promise.all(ended)).toEqual([true, true, true, true, true])
    await open()
  })

  it('a watch that is not read is cut off, and the others on the connection go on', async () => {
    await openSecure()
    app.realm.create('v1/configmaps', configMap('big', { data: { k: '' } }))
    const client = session()
    const watch = () => client.request({ ':path': `${configMaps}?watch=1&resourceVersion=${app.realm.realm.store.revision}` })
    const deaf = watch()
    const isCutOff = new Promise((resolve) => deaf.on('close', resolve))
    deaf.on('error', () => {})
    const keen = watch()
    keen.resume()
    while (app.openWatches.streams.size < 2) await new Promise(setImmediate)
    for (let count = 0; app.openWatches.streams.size === 2; count++) {
      app.realm.change('v1/configmaps', 'big', (object) => {
        object.data.k = String(count % 10).repeat(500_000)
      })
      await new Promise(setImmediate)
      expect(count).toBeLessThan(120)
    }
    deaf.resume()
    await isCutOff
    expect((await ask(client, '/nope')).status).toBe(404)
    expect(keen.destroyed).toBe(false)
    client.destroy()
  })

  it('a large list arrives whole', async () => {
    await openSecure()
    for (let count = 0; count < 20; count++) app.realm.create('v1/configmaps', configMap(`a${count}`, { data: { k: 'x'.repeat(200_000) } }))
    const client = session()
    expect(JSON.parse((await ask(client, configMaps)).text).items).toHaveLength(20)
    client.close()
  })

  it('a body that does not come is not waited for, and a watch may stay', async () => {
    await openSecure({ requestMillis: 200 })
    const client = session()
    const watch = client.request({ ':path': `${configMaps}?watch=1` })
    watch.resume()
    const stream = client.request({ ':path': configMaps, ':method': 'POST', 'content-type': 'application/json' })
    stream.write('{"metadata":')
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    const code = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))
    await new Promise((resolve) => stream.on('close', resolve))
    expect([code, JSON.parse(Buffer.concat(chunks).toString())]).toMatchObject([408, { kind: 'Status', reason: 'Timeout', code: 408 }])
    const made = await ask(client, configMaps, { method: 'POST', 'content-type': 'application/json', body: JSON.stringify(configMap('after')) })
    expect([made.status, watch.destroyed, app.mistakes]).toEqual([201, false, []])
    client.destroy()
  })

  it('a client that breaks HTTP/2 and says no more is let go, and one that is only idle stays', async () => {
    await openSecure({ askMillis: 100 })
    const idle = session()
    expect((await ask(idle, configMaps)).status).toBe(200)
    const broken = tls.connect({ port: app.port, host: '127.0.0.1', ca: certificates.ca, ALPNProtocols: ['h2'] })
    const [settings, dataOfNoStream] = ['000000040000000000', '000001000000000000ff'].map((frame) => Buffer.from(frame, 'hex'))
    broken.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, dataOfNoStream]))
    broken.resume()
    await once(broken, 'end')
    expect((await ask(idle, configMaps)).status).toBe(200)
    idle.close()
  })

  it('a handshake that stands still is not waited for', async () => {
    await openSecure({ headersMillis: 100 })
    const socket = connect(app.port, '127.0.0.1')
    socket.on('error', () => {})
    await new Promise((resolve) => socket.resume().once('close', resolve))
    expect(app.mistakes).toEqual([])
  })

  it('HTTP/1.1 and WebSockets are spoken too', async () => {
    await openSecure()
    app.realm.create('v1/configmaps', configMap('a'))
    const code = await new Promise((resolve) =>
      https.get(`${app.url}${configMaps}`, { ca: certificates.ca, agent: false }, (response) => resolve(response.resume().statusCode)),
    )
    expect(code).toBe(200)
    const socket = new WebSocket(`${app.url.replace('https', 'wss')}${configMaps}?watch=1`, { ca: certificates.ca })
    const text = await new Promise<string>((resolve) => socket.on('message', (data) => resolve(data.toString())))
    expect(JSON.parse(text)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    socket.terminate()
    const upgraded = await new Promise((resolve) => {
      const headers = { connection: 'Upgrade', upgrade: 'h2c' }
      https.get(`${app.url}${configMaps}`, { ca: certificates.ca, agent: false, headers }, (response) => resolve(response.resume().statusCode))
    })
    expect(upgraded).toBe(200)
  })
})

describe('a client that speaks no HTTP', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n'],
    ['an unknown method', 'FROB /api/v1/pods HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an unknown version', 'GET /api/v1/pods HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a header without a name', 'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\n: x\r\n\r\n'],
    ['two lengths', 'POST /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a length and pieces', 'POST /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a negative length', 'POST /api/v1/pods HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    ['pieces that are none', `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ['a zero byte', 'GET /api/\0/pods HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no host', 'GET /api/v1/configmaps HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('is told so in a Status: %s', async (_what, bytes) => {
    await open()
    const answer = await app.speak(bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(statusIn(answer)).toMatchObject({ kind: 'Status', reason: 'BadRequest', code: 400 })
    expect((await app.get(configMaps)).status).toBe(200)
    expect(app.mistakes).toEqual([])
  })

  it('claims a version that it does not speak', async () => {
    await open()
    const answer = await app.speak(`POST ${configMaps} HTTP/2.0\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`)
    expect(answer).toMatch(/^HTTP\/1\.1 505 /)
    expect([statusIn(answer).message, app.mistakes]).toEqual(['unsupported protocol version', []])
  })

  it('speaks TLS where there is none, and is not answered', async () => {
    await open()
    expect(await app.speak(Buffer.from('16030100a5010000a10303', 'hex'))).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('has more headers than anybody needs', async () => {
    await open()
    const answer = await app.speak(`GET ${configMaps} HTTP/1.1\r\nHost: x\r\n${'X-Large: yes\r\n'.repeat(8000)}\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(statusIn(answer).code).toBe(431)
  })

  it('gets the answers to what it said before', async () => {
    await open()
    const answer = await app.speak(`GET /nope HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n`)
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.[0]).toBe('HTTP/1.1 404')
    expect(answer.match(/HTTP\/1\.1 \d+/g)?.at(-1)).toBe('HTTP/1.1 400')
  })

  it('waits to be told to go on, and is told before its own answer, not within it', async () => {
    // What is refused for who asks is answered while the answer before it is still being made.
    await open({ identify: ({ method }) => (method === 'PUT' ? status.unauthorized() : systemUser) })
    const body = JSON.stringify(configMap('awaited'))
    const head = `Host: localhost\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n`
    const first = `GET ${configMaps} HTTP/1.1\r\nHost: localhost\r\n\r\nPUT ${configMaps}/awaited HTTP/1.1\r\n${head}\r\n${body}`
    const linesOf = (answer: string) => answer.match(/HTTP\/1\.1 \d+/g)?.map((line) => Number(line.slice(9)))
    // Nobody asks for a body that is refused: the connection ends instead.
    expect(linesOf(await app.speak(first))).toEqual([200, 401])
    expect(linesOf(await app.speak(`POST ${configMaps} HTTP/1.1\r\nConnection: close\r\n${head}\r\n${body}`))).toEqual([100, 201])
  })

  it('asks for a watch behind another and goes away, and neither stays', async () => {
    await open()
    const watch = `GET ${configMaps}?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const socket = connect(app.port, '127.0.0.1', () => socket.write(watch.repeat(15)))
    await expect.poll(() => app.openWatches.streams.size).toBe(15)
    socket.destroy()
    await expect.poll(() => app.openWatches.streams.size).toBe(0)
  })

  it('sends less than it promised and goes away', async () => {
    await open()
    for (let count = 0; count < 5; count++) {
      await new Promise<void>((resolve) => {
        const socket = connect(app.port, '127.0.0.1', () => {
          socket.write(`POST ${configMaps} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"meta`)
          setImmediate(() => socket.destroy())
        })
        socket.on('close', () => resolve())
      })
    }
    expect((await app.get(configMaps)).status).toBe(200)
    expect(app.mistakes).toEqual([])
  })
})

describe('a client that takes its time', () => {
  const limits = { headersMillis: 150, requestMillis: 300, checkMillis: 40 }

  it('with its headers is not waited for', async () => {
    await open({ limits })
    const answer = await app.speak(`GET ${configMaps} HTTP/1.1\r\nHost: localhost\r\nX-Slow:`, { keepOpen: true })
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    expect(statusIn(answer)).toMatchObject({ reason: 'Timeout', code: 408 })
  })

  it('with its body is not waited for', async () => {
    await open({ limits })
    const answer = await app.speak(`POST ${configMaps} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{`, { keepOpen: true })
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('with a watch may stay', async () => {
    await open({ limits })
    const answer = await app.speak(`GET ${configMaps}?watch=1&timeoutSeconds=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`, { keepOpen: true })
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n0\r\n\r\n$/)
  })
})
