// Too many requests at once, and answers that nobody takes.
import http from 'node:http'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { writeBody } from '../../src/http/body/write-body.js'
import { Metrics } from '../../src/http/metrics.js'
import { configMap, configMaps, openApp } from '../support/app.js'

it('one request too many is told to come again, and those under way go on', async () => {
  const metrics = new Metrics({ isServed: () => true, storedObjects: () => [] })
  const mostOfAKind = 2
  const app = await openApp({ track: (request, response) => (metrics.track(request, response)?.count ?? 0) > mostOfAKind })
  const body = JSON.stringify(configMap('a'))
  const head = `POST ${configMaps} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
  const slow = [1, 2].map(() =>
    connect(app.port, '127.0.0.1', function (this: import('node:net').Socket) {
      this.write(head)
    }),
  )
  while (metrics.families().find(({ name }) => name === 'apiserver_current_inflight_requests')?.values[0].value !== 2) await new Promise(setImmediate)
  const refused = await app.ask('POST', configMaps, { body: configMap('b') })
  expect([refused.status, refused.headers['retry-after'], refused.text]).toEqual([429, '1', 'Too many requests, please try again later.\n'])
  expect((await app.get(configMaps)).status).toBe(200)
  // There is no such path here; but it is not refused for being one too many.
  expect((await app.ask('POST', '/livez?verbose')).status).toBe(404)
  const answers = slow.map((socket) => new Promise<string>((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString().slice(0, 12)))))
  slow[0].write(body)
  expect(await answers[0]).toBe('HTTP/1.1 201')
  slow[1].write(body)
  expect(await answers[1]).toBe('HTTP/1.1 409')
  expect((await app.ask('POST', configMaps, { body: configMap('b') })).status).toBe(201)
  await app.close()
})

it('a client that does not take its answer is left', async () => {
  const body = [Buffer.alloc(30_000_000)]
  const left = new Promise<void>((resolve) => {
    const server = http.createServer((_request, response) => {
      response.once('close', () => server.close(() => resolve()))
      writeBody(response, { code: 200, headers: {}, body, acceptsGzip: () => false }, 50)
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      const socket = connect(port, '127.0.0.1', () => socket.pause().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'))
      socket.on('error', () => {})
    })
  })
  await left
})
