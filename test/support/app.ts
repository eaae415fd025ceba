// The HTTP server on a fresh registry and a real socket, without controllers: what the wire does and nothing else.
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import pino from 'pino'
import { type AppOptions, createApp } from '../../src/http/app.js'
import { type Plain, systemUser } from '../../src/machinery/index.js'
import { schema } from '../../src/resources/index.js'
import { openRealm, type TestRealm, type TestRealmOptions, testNamespace } from './realm.js'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  /** The body as JSON. */
  json: Plain
}

export interface Sent {
  headers?: OutgoingHttpHeaders
  /** Objects go as JSON, with the Content-Type of JSON unless another is given. */
  body?: string | Buffer | Plain
}

export interface TestApp {
  realm: TestRealm
  port: number
  url: string
  /** Messages of mistakes that were logged. */
  mistakes: string[]
  openWatches: AppOptions['openWatches']
  ask(method: string, path: string, sent?: Sent): Promise<Reply>
  get(path: string, headers?: OutgoingHttpHeaders): Promise<Reply>
  /** Sends bytes as they are. @returns everything that comes back until the server ends the connection */
  speak(bytes: string | Buffer, options?: { keepOpen?: boolean }): Promise<string>
  close(): Promise<void>
}

export const configMaps = `/api/v1/namespaces/${testNamespace}/configmaps`

export function configMap(name: string, more: Plain = {}): Plain {
  const { metadata, ...rest } = more
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, ...rest }
}

export function shapeOf(apiVersion: string, kind: string) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return schema.find({ group, version, kind }) ?? schema.find({ group: 'meta.k8s.io', version: 'v1', kind })
}

export type TestAppOptions = TestRealmOptions & Partial<Pick<AppOptions, 'limits' | 'tls' | 'identify' | 'addRoutes' | 'track'>>

export async function openApp({ limits, tls, identify, addRoutes, track, ...realmOptions }: TestAppOptions = {}): Promise<TestApp> {
  const realm = openRealm(realmOptions)
  const mistakes: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void mistakes.push(line) })
  const openWatches: AppOptions['openWatches'] = { streams: new Set() }
  const app = createApp({
    realm: realm.realm,
    shapeOf,
    logger,
    identify: identify ?? (() => systemUser),
    openWatches,
    addRoutes: addRoutes ?? (() => {}),
    track,
    ...(tls ? { tls } : {}),
    limits: { closingMillis: 200, ...limits },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  const ask = (method: string, path: string, sent: Sent = {}) => send(port, method, path, sent)
  return {
    realm,
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    mistakes,
    openWatches,
    ask,
    get: (path, headers) => ask('GET', path, { headers }),
    speak: (bytes, options) => speak(port, bytes, options),
    async close() {
      for (const stream of openWatches.streams) stream.close()
      await app.close()
      realm.realm.hub.close()
      realm.realm.store.close()
    },
  }
}

function send(port: number, method: string, path: string, { headers = {}, body }: Sent): Promise<Reply> {
  const isPlain = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
  const bytes = isPlain ? JSON.stringify(body) : (body as string | Buffer | undefined)
  const length = bytes === undefined ? {} : { 'content-length': Buffer.byteLength(bytes) }
  const type = isPlain ? { 'content-type': 'application/json' } : {}
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method, path, headers: { ...type, ...length, ...headers }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => resolve(replyOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))))
    })
    request.on('error', reject)
    request.end(bytes)
  })
}

function replyOf(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Reply {
  return {
    status,
    headers,
    bytes,
    text: bytes.toString(),
    get json() {
      return JSON.parse(bytes.toString()) as Plain
    },
  }
}

function speak(port: number, bytes: string | Buffer, { keepOpen = false } = {}): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => {
      if (keepOpen) socket.write(bytes)
      else socket.end(bytes)
    })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
