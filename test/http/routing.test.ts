// Which method does what at which path, and what is said where there is nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, configMaps, openApp, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
  app.realm.create('v1/configmaps', configMap('a', { data: { k: 'v' } }))
  app.realm.create('v1/nodes', { metadata: { name: 'n' } })
  app.realm.create('rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'system:node' } })
})
afterAll(() => app.close())

const nothing = [404, 'NotFound', 'the server could not find the requested resource'] as const
const refused = [405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'] as const

describe('every verb', () => {
  it('works on an object from its beginning to its end', async () => {
    const path = `${configMaps}/life`
    const made = await app.ask('POST', configMaps, { body: configMap('life', { data: { a: '1' } }) })
    expect([made.status, made.json.data]).toEqual([201, { a: '1' }])
    expect((await app.get(path)).json).toEqual(made.json)
    const put = await app.ask('PUT', path, { body: { ...made.json, data: { a: '2' } } })
    expect([put.status, put.json.data]).toEqual([200, { a: '2' }])
    const stale = await app.ask('PUT', path, { body: made.json })
    expect([stale.status, stale.json.reason]).toEqual([409, 'Conflict'])
    const listed = await app.get(configMaps)
    expect(listed.json.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(['a', 'life'])
    const removed = await app.ask('DELETE', path)
    expect(removed.json).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'life', kind: 'configmaps', uid: made.json.metadata.uid } })
    expect((await app.get(path)).status).toBe(404)
  })

  it('answers a DELETE of a collection with what was in it', async () => {
    for (const name of ['x1', 'x2']) app.realm.create('v1/configmaps', configMap(name, { metadata: { labels: { x: 'y' } } }))
    const dry = await app.ask('DELETE', `${configMaps}?labelSelector=x%3Dy&dryRun=All`)
    expect(dry.json.items).toHaveLength(2)
    const removed = await app.ask('DELETE', `${configMaps}?labelSelector=x%3Dy`, { body: { propagationPolicy: 'Background' } })
    expect([removed.json.kind, removed.json.items.length]).toEqual(['ConfigMapList', 2])
    expect((await app.get(`${configMaps}?labelSelector=x%3Dy`)).json.items).toEqual([])
  })
})

describe('a path', () => {
  it.each([
    ['GET', `${configMaps}/a`, 200],
    ['GET', `${configMaps}/a/`, 200],
    ['GET', `${configMaps}//`, 200],
    ['GET', '/api/v1/configmaps', 200],
    ['GET', '/api/v1/nodes/n', 200],
    ['GET', '/api/v1/nodes/n/status', 200],
    ['GET', '/api/v1/namespaces/samples', 200],
    ['GET', '/api/v1/namespaces/samples/status', 200],
    ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node', 200],
    ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode', 200],
    ['GET', '/api/v1/namespaces/samples%2Fconfigmaps/a', 200],
    ['GET', `${configMaps}/%61`, 200],
    ['GET', `${configMaps}/a%2F`, 200],
    ['GET', `${configMaps}/a?watch=true`, 200],
  ])('leads somewhere: %s %s', async (method, path, status) => {
    expect((await app.ask(method, path)).status).toBe(status)
  })

  it.each([
    ['GET', '/api/v1/nonsense'],
    ['GET', '/api/v2/pods'],
    ['GET', '/apis/apps/v2/deployments'],
    ['GET', '/api/v1/namespaces/samples/nodes'],
    ['GET', '/api/v1/configmaps/a'],
    ['GET', '/api/v1/namespaces//configmaps'],
    ['GET', '/api/v1//configmaps'],
    ['GET', '/api/v1/../v1/configmaps'],
    ['GET', `${configMaps}/a/status`],
    ['GET', `${configMaps}/a%2Fb`],
    ['GET', '/api/v1/namespaces/%2Fconfigmaps'],
    ['GET', '/api/v1/namespaces/samples/pods/x/nope'],
    ['GET', '/api/v1/namespaces/samples/pods/x/log'],
    ['POST', '/api/v1/namespaces/samples/pods/x/exec?command=ls'],
    ['GET', '/api/v1/namespaces/samples/pods/x/status/more'],
    ['GET', '/apis/authentication.k8s.io/v1/tokenreviews/x'],
    ['POST', '/api/v1/bindings'],
    ['HEAD', '/api/v1/nonsense'],
    ['OPTIONS', '/api/v1/nonsense'],
  ])('leads nowhere inside the API: %s %s', async (method, path) => {
    const { status, headers, text } = await app.ask(method, path)
    expect([status, headers['content-type']]).toEqual([404, 'application/json'])
    if (method !== 'HEAD') expect([status, JSON.parse(text).reason, JSON.parse(text).message]).toEqual(nothing)
  })

  it.each(['/nope', '/apis/nope.example.com/v1/foos', '//api/v1/pods', '/apix/v1/pods', '/%61pi/v1/nonsense/..%2f'])(
    'leads nowhere at all: %s',
    async (path) => {
      const { status, text, headers } = await app.get(path)
      if (path.startsWith('/%61')) expect(status).toBe(404)
      else
        expect([status, text, headers['content-type'], headers['x-content-type-options']]).toEqual([
          404,
          '404 page not found\n',
          'text/plain; charset=utf-8',
          'nosniff',
        ])
    },
  )

  it.each([
    ['POST', '/api/v1/configmaps'],
    ['DELETE', '/api/v1/configmaps'],
    ['PUT', configMaps],
    ['PATCH', configMaps],
    ['POST', `${configMaps}/a`],
    ['HEAD', `${configMaps}/a`],
    ['HEAD', configMaps],
    ['OPTIONS', `${configMaps}/a`],
    ['TRACE', configMaps],
    ['PROPFIND', configMaps],
    ['DELETE', '/api/v1/namespaces'],
    ['GET', '/apis/authentication.k8s.io/v1/tokenreviews'],
    ['DELETE', '/api/v1/componentstatuses'],
    ['GET', '/api/v1/namespaces/samples/pods/x/binding'],
    ['DELETE', '/api/v1/namespaces/samples/pods/x/status'],
    ['POST', '/api/v1/namespaces/samples/status'],
  ])('knows no such method: %s %s', async (method, path) => {
    const { status, text } = await app.ask(method, path)
    expect(status).toBe(405)
    if (method === 'HEAD') return
    const answer = JSON.parse(text)
    expect([answer.code, answer.reason, answer.message, answer.details]).toEqual([...refused, {}])
  })

  it('may be a whole URL, as proxies send it', async () => {
    const answer = await app.speak(`GET http://example.com${configMaps}/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  it('may be as long as a client likes, up to a limit', async () => {
    expect((await app.get(`${configMaps}/${'x'.repeat(5000)}`)).json.reason).toBe('NotFound')
    expect((await app.get(`${configMaps}?labelSelector=${'x'.repeat(70_000)}`)).status).toBe(431)
  })

  it.each([`${configMaps}/%zz`, `${configMaps}/%ff`])('that cannot be decoded is refused: %s', async (path) => {
    const { status, json } = await app.get(path)
    expect([status, json.kind, json.reason]).toEqual([400, 'Status', 'BadRequest'])
  })

  it('with a name that nobody can have finds nothing', async () => {
    expect((await app.get(`${configMaps}/a%00b`)).json).toMatchObject({ code: 404, details: { name: 'a\u0000b' } })
  })
})
