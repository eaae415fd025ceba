// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a recording writes ${…} for values of the play
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, connect } from './client.js'
import { play } from './player.js'
import { type Recording, readRecordings, type Step } from './recording.js'
import { viewOf } from './view.js'

// A server that is no Kubernetes: it answers what it is sent, and knows what was asked.
const asked: string[] = []
let polls = 0
let server: Server
let client: Client

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push(`${request.method} ${request.url}`)
    const isPoll = request.url === '/poll'
    const code = request.method === 'POST' ? 201 : isPoll && ++polls < 3 ? 404 : 200
    response.writeHead(code, { 'content-type': 'application/json' })
    if (request.url === '/watch') response.write('{"type":"ADDED"}\n{"type":"MODIFIED"}\n')
    else response.end(Buffer.concat(chunks).length ? Buffer.concat(chunks) : '{"metadata":{"name":"x"}}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  client = connect({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})

afterAll(() => {
  client.close()
  server.closeAllConnections()
  server.close()
})

const answer = (body: unknown, code = 200) => ({ code, headers: { 'content-type': 'application/json' }, body })
const played = (steps: Step[], cleanup?: Recording['cleanup']) => play({ name: 'made-up', steps, cleanup }, client)

describe('playing a recording', () => {
  it('passes what is answered as recorded and finds what is not', async () => {
    const echoed = { method: 'POST', path: '/echo', body: { data: { a: '1' }, metadata: { namespace: '${namespace}' } } }
    const outcomes = await played([
      { id: 'same', request: echoed, answer: answer({ data: { a: '1' }, metadata: { namespace: '<namespace>' } }, 201) },
      { id: 'other', request: echoed, answer: answer({ data: { a: '2' }, metadata: { namespace: '<namespace>' } }, 201) },
      { id: 'in part', request: echoed, view: { data: '.data' }, leaveOut: ['.data.a'], answer: answer({ data: {} }, 201) },
      { id: 'whatever it is', request: echoed, view: '.data', hide: ['.a'], answer: answer({ a: '<any>' }, 201) },
    ])
    expect(outcomes).toEqual([
      { check: 'recordings/made-up/same', differences: [] },
      { check: 'recordings/made-up/other', differences: ['.body.data.a: expected "2", got "1"'] },
      { check: 'recordings/made-up/in part', differences: [] },
      { check: 'recordings/made-up/whatever it is', differences: [] },
    ])
  })

  it('sends what earlier answers said, a value alone as what it is', async () => {
    const outcomes = await played([
      { id: 'first', request: { method: 'POST', path: '/echo', body: { port: 30001, name: 'n' } }, capture: { port: '.port', name: '.name' } },
      {
        id: 'second',
        request: { method: 'POST', path: '/of/${name}', body: { port: '${port}', text: 'at ${port}' } },
        answer: answer({ port: 30001, text: 'at 30001' }, 201),
      },
    ])
    expect(outcomes).toEqual([{ check: 'recordings/made-up/second', differences: [] }])
    expect(asked).toContain('POST /of/n')
  })

  it('asks again until the answer is as wanted', async () => {
    polls = 0
    const outcomes = await played([
      {
        id: 'poll',
        request: { method: 'GET', path: '/poll' },
        until: { code: 200, path: '.metadata.name', is: 'x' },
        view: '.metadata.name',
        answer: answer('x'),
      },
    ])
    expect(outcomes).toEqual([{ check: 'recordings/made-up/poll', differences: [] }])
    expect(polls).toBe(3)
  })

  it('reads a watch while it sends, and leaves it when it has seen enough', async () => {
    const during = [{ id: 'meanwhile', request: { method: 'POST', path: '/meanwhile', body: {} } }]
    const view = '.events[].type'
    const outcomes = await played([
      { id: 'watch', request: { method: 'GET', path: '/watch' }, watch: { count: 2, during }, view, answer: answer(['ADDED', 'MODIFIED']) },
    ])
    expect(outcomes).toEqual([{ check: 'recordings/made-up/watch', differences: [] }])
    expect(asked).toContain('POST /meanwhile')
  })

  it('tidies up behind itself', async () => {
    await played([], [{ method: 'DELETE', path: '/left/${namespace}' }])
    expect(asked.at(-1)).toMatch(/^DELETE \/left\/recording-\w+$/)
    expect(asked.at(-2)).toMatch(/^DELETE \/api\/v1\/namespaces\/recording-\w+$/)
  })
})

describe('the recordings', () => {
  const recordings = readRecordings()
  const stepsOf = (steps: readonly Step[]): Step[] => steps.flatMap((step) => [step, ...stepsOf(step.watch?.during ?? [])])

  it('hold 441 answers of a real control plane', () => {
    expect(recordings.flatMap(({ steps }) => stepsOf(steps)).filter(({ answer }) => answer)).toHaveLength(441)
  })

  it.each(recordings.map((recording) => [recording.name, recording] as const))(
    '%s name their steps once, and only views and values that exist',
    (_name, { steps }) => {
      const all = stepsOf(steps)
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
      for (const { view } of all) if (typeof view === 'string' && !view.startsWith('.')) expect(() => viewOf(undefined, view)).not.toThrow(/no such view/)
      const known = ['namespace', ...all.flatMap(({ capture = {} }) => Object.keys(capture))]
      const used = [...JSON.stringify(all.map(({ request }) => request)).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name)
      expect(used.filter((name) => !known.includes(name))).toEqual([])
    },
  )
})
