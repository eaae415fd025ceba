// Headers of every answer.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { warningHeaders } from '../../src/http/warnings.js'
import { type Plain, status } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp({ identify: ({ headers }) => (headers.authorization ? status.unauthorized() : { username: 'me', groups: [] }) })
  app.realm.create('v1/configmaps', configMap('a'))
})
afterAll(() => app.close())

describe('every answer', () => {
  it.each([
    ['GET', `${configMaps}/a`, {}],
    ['GET', configMaps, {}],
    ['GET', `${configMaps}/none`, {}],
    ['PUT', configMaps, {}],
    ['GET', '/nope', {}],
    ['GET', configMaps, { authorization: 'Bearer x' }],
    ['GET', `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion=1`, {}],
  ])('has an id and is not to be kept: %s %s', async (method, path, headers) => {
    const answer = await app.ask(method, path, { headers })
    expect(answer.headers['audit-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(answer.headers['cache-control']).toBe('no-cache, private')
    expect(answer.headers.date).toBeDefined()
  })

  it.each(['my-own-id', 'with space', 'x'.repeat(1000), '\u00e9'])('has the id that the client gave, as it was given: %.20s', async (id) => {
    expect((await app.get(configMaps, { 'Audit-ID': id })).headers['audit-id']).toBe(id)
  })

  it('has that id before a watch', async () => {
    const { headers } = await app.get(`${configMaps}?watch=true&timeoutSeconds=1&resourceVersion=1`, { 'Audit-ID': '\u00e9' })
    expect(headers['audit-id']).toBe('\u00e9')
  })

  it('has that id before a body of other characters too, made new or read again', async () => {
    const headers = { 'Audit-ID': '\u00e9' }
    const body = { ...configMap('other'), data: { text: 'caf\u00e9 \u2603' } }
    // Bytes: with a text the client would send its headers as UTF-8.
    const created = await app.ask('POST', configMaps, { headers: { ...headers, 'Content-Type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) })
    const read = await app.get(`${configMaps}/other`, headers)
    for (const answer of [created, read]) {
      expect(answer.headers['audit-id']).toBe('\u00e9')
      expect((answer.json as Plain).data).toEqual(body.data)
    }
  })

  it('to who is not let in says so and nothing more', async () => {
    const { status: code, json } = await app.get(configMaps, { authorization: 'Bearer x' })
    expect([code, json]).toEqual([
      401,
      { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
    ])
  })
})

describe('a warning', () => {
  it('is one header line, in quotes', () => {
    expect(warningHeaders(['one', 'with "quotes" and \\'])).toEqual(['299 - "one"', '299 - "with \\"quotes\\" and \\\\"'])
  })

  it('is told once', () => {
    expect(warningHeaders(['one', 'two', 'one'])).toHaveLength(2)
  })

  it('with control characters is not told', () => {
    expect(warningHeaders(['a\nb', 'c\u0000', 'ok'])).toEqual(['299 - "ok"'])
  })

  it('is cut when there are too many, and the last are not told', () => {
    const many = Array.from({ length: 30 }, (_, index) => `${index} ${'x'.repeat(400)}`)
    const headers = warningHeaders(many)
    expect(headers).toHaveLength(16)
    expect(headers[0]).toBe(`299 - "${many[0].slice(0, 256)}"`)
  })

  it('may be in any script', async () => {
    const body = configMap('warned', { ключ: 1 })
    const { headers } = await app.ask('POST', `${configMaps}?dryRun=All`, { body })
    expect(Buffer.from(headers.warning as string, 'latin1').toString()).toBe('299 - "unknown field \\"ключ\\""')
  })

  it('of a deprecated kind comes with every verb', async () => {
    const endpoints = '/api/v1/namespaces/samples/endpoints'
    const text = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'
    expect((await app.get(endpoints)).headers.warning).toBe(text)
    expect((await app.ask('POST', endpoints, { body: { metadata: { name: 'e' } } })).headers.warning).toBe(text)
    expect((await app.get(`${endpoints}?watch=1&timeoutSeconds=1&resourceVersion=1`)).headers.warning).toBe(text)
  })
})
