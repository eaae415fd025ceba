// Requests that ask for another protocol: watches over WebSockets, and wishes that are passed over.
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { decodeObject, type Plain, status } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, shapeOf, type TestApp } from '../support/app.js'

let app: TestApp
const open: WebSocket[] = []
beforeEach(async () => {
  app = await openApp({ identify: ({ headers }) => (headers['x-wrong'] ? status.unauthorized() : { username: 'me', groups: [] }) })
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.terminate()
  await app.close()
})

interface Opened {
  socket: WebSocket
  messages: { text: string; bytes: Buffer; isBinary: boolean }[]
  until(count: number): Promise<Opened['messages']>
}

function connect(path: string, options: ClientOptions = {}, protocols: string[] = []): Opened {
  const socket = new WebSocket(`ws://127.0.0.1:${app.port}${path}`, protocols, options)
  open.push(socket)
  const messages: Opened['messages'] = []
  socket.on('error', () => {})
  socket.on('message', (data: Buffer, isBinary) => messages.push({ text: data.toString(), bytes: data, isBinary }))
  return {
    socket,
    messages,
    async until(count) {
      while (messages.length < count) await once(socket, 'message')
      return messages
    },
  }
}

async function refusalOf({ socket }: Opened): Promise<{ status: number; json: Plain }> {
  const [, response] = await once(socket, 'unexpected-response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, json: JSON.parse(Buffer.concat(chunks).toString()) }
}

const make = (name: string) => app.realm.create('v1/configmaps', configMap(name)) as Plain

describe('a watch over a WebSocket', () => {
  it('tells each event in a message of text', async () => {
    make('a')
    const watch = connect(`${configMaps}?watch=true`, { origin: `http://127.0.0.1:${app.port}` })
    await watch.until(1)
    make('b')
    app.realm.remove('v1/configmaps', 'a')
    const messages = await watch.until(3)
    expect(messages.map(({ isBinary }) => isBinary)).toEqual([false, false, false])
    expect(messages.map(({ text }) => JSON.parse(text)).map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
      ['DELETED', 'a'],
    ])
  })

  it('tells each event in a message of bytes, without its length before it', async () => {
    make('a')
    const watch = connect(`${configMaps}?watch=true`, { headers: { accept: 'application/vnd.kubernetes.protobuf' } })
    const [{ bytes, isBinary }] = await watch.until(1)
    expect([isBinary, bytes.subarray(0, 7).toString('latin1')]).toEqual([true, '\n\x05ADDED'])
    expect(decodeObject(bytes.subarray(bytes.indexOf('k8s\0')), { apiVersion: '', kind: '' }, shapeOf)).toMatchObject({
      object: { kind: 'ConfigMap', metadata: { name: 'a' } },
    })
  })

  it('goes on from a version, and ends when its time is over', async () => {
    const from = make('a').metadata.resourceVersion
    make('b')
    const watch = connect(`${configMaps}?watch=true&resourceVersion=${from}&timeoutSeconds=1`)
    const [code] = await once(watch.socket, 'close')
    expect([code, watch.messages.map(({ text }) => JSON.parse(text).object.metadata.name)]).toEqual([1000, ['b']])
    expect(app.openWatches.streams.size).toBe(0)
  })

  it('speaks the first protocol that is no credential', async () => {
    const watch = connect(`${configMaps}?watch=true`, {}, ['base64url.bearer.authorization.k8s.io.dG9rZW4', 'one', 'two'])
    await once(watch.socket, 'open')
    expect(watch.socket.protocol).toBe('one')
  })

  it('is forgotten when its reader leaves', async () => {
    const watch = connect(`${configMaps}?watch=true`)
    await once(watch.socket, 'open')
    expect(app.openWatches.streams.size).toBe(1)
    watch.socket.terminate()
    while (app.openWatches.streams.size) await new Promise(setImmediate)
  })

  it.each([
    ['nobody knows who asks', `${configMaps}?watch=true`, { headers: { 'x-wrong': '1' } }, 401],
    ['there is no such resource', '/api/v1/nonsense?watch=true', {}, 404],
    ['there is no such form', `${configMaps}?watch=true`, { headers: { accept: 'application/yaml;as=Table' } }, 406],
    ['the options are wrong', `${configMaps}?watch=true&sendInitialEvents=true`, {}, 422],
    ['the version is no number', `${configMaps}?watch=true&resourceVersion=x`, {}, 500],
  ])('is refused with a Status when %s', async (_why, path, options, code) => {
    const { status: found, json } = await refusalOf(connect(path, options))
    expect([found, json.kind, json.code]).toEqual([code, 'Status', code])
  })

  it('that says too much is ended', async () => {
    const watch = connect(`${configMaps}?watch=true`)
    await once(watch.socket, 'open')
    watch.socket.send('x'.repeat(100_000))
    const [code] = await once(watch.socket, 'close')
    expect(code).toBe(1009)
    expect((await app.get(configMaps)).status).toBe(200)
  })

  it('ends with the server', async () => {
    const watch = connect(`${configMaps}?watch=true`)
    await once(watch.socket, 'open')
    const began = performance.now()
    await app.close()
    expect(performance.now() - began).toBeLessThan(1000)
    app = await openApp()
  })
})

describe('a wish for another protocol', () => {
  const head = (method: string, path: string, upgrade: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n${more}\r\n`

  it('is passed over, and the request is answered', async () => {
    make('a')
    expect(await app.speak(head('GET', `${configMaps}/a`, 'h2c'))).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"name":"a"/)
    expect(await app.speak(head('GET', `${configMaps}/a`, 'websocket'))).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(await app.speak(head('POST', '/api/v1/namespaces/samples/pods/p/exec?command=ls', 'SPDY/3.1'))).toMatch(/^HTTP\/1\.1 404 Not Found/)
  })

  it('is passed over with a body, in one piece or in several', async () => {
    const body = JSON.stringify(configMap('posted'))
    expect(await app.speak(head('POST', configMaps, 'h2c', `Content-Length: ${body.length}\r\n`) + body)).toMatch(/^HTTP\/1\.1 201 Created/)
    const chunked = head('POST', configMaps, 'h2c', 'Transfer-Encoding: chunked\r\n')
    const other = JSON.stringify(configMap('chunked'))
    expect(await app.speak(`${chunked}${other.length.toString(16)}\r\n${other}\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 201 Created/)
  })

  it('leaves the connection in use', async () => {
    const again = 'GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const answer = await app.speak(head('GET', configMaps, 'h2c').replace('close, ', '') + again)
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
  })
})
