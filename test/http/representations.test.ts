// One object, one list, in everything a client may ask for.
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canonicalize, decodeObject, type Plain } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, type Reply, shapeOf, type TestApp } from '../support/app.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
  app.realm.create('v1/configmaps', configMap('a', { metadata: { labels: { app: 'x' } }, data: { k: '<&>' } }))
  app.realm.create('v1/configmaps', configMap('b'))
  app.realm.create('apps/v1/deployments', {
    metadata: { name: 'd' },
    spec: {
      replicas: 3,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  })
})
afterAll(() => app.close())

const protobuf = 'application/vnd.kubernetes.protobuf'
const converted = (as: string, type = 'application/json', version = 'v1') => `${type};as=${as};g=meta.k8s.io;v=${version}`
const get = (path: string, accept?: string, headers = {}) => app.get(path, { ...(accept ? { accept } : {}), ...headers })

function decoded({ bytes }: Reply): Plain {
  const result = decodeObject(bytes, { apiVersion: '', kind: '' }, shapeOf)
  if ('error' in result) throw new Error(result.error)
  const shape = shapeOf(result.object.apiVersion, result.object.kind)
  const canonical = shape && canonicalize(shape, result.object)
  if (!canonical || 'message' in canonical) throw new Error(canonical?.message ?? 'no shape')
  return canonical.object
}

describe('an object', () => {
  it('is JSON on one line unless something else is asked for', async () => {
    for (const accept of [undefined, '*/*', 'application/*, */*;q=0.1', 'application/json', 'application/json;charset=utf-8', 'text/html,application/json']) {
      const { headers, text } = await get(`${configMaps}/a`, accept)
      expect(headers['content-type']).toBe('application/json')
      expect(text).toMatch(/^\{"kind":"ConfigMap","apiVersion":"v1","metadata":\{.*"data":\{"k":"\\u003c\\u0026\\u003e"\}\}\n$/)
    }
  })

  it('is YAML', async () => {
    const { headers, text } = await get(`${configMaps}/a`, 'application/yaml')
    expect(headers['content-type']).toBe('application/yaml')
    expect(text).toMatch(/^apiVersion: v1\ndata:\n {2}k: <&>\nkind: ConfigMap\nmetadata:\n/)
  })

  it('is protobuf, and says the same', async () => {
    const reply = await get(`${configMaps}/a`, `${protobuf},application/json`)
    expect(reply.headers['content-type']).toBe(protobuf)
    expect(decoded(reply)).toEqual((await get(`${configMaps}/a`)).json)
  })

  it.each(['v1', 'v1beta1'])('is a Table of %s', async (version) => {
    const { json } = await get(`${configMaps}/a`, converted('Table', 'application/json', version))
    const { metadata } = (await get(`${configMaps}/a`)).json
    expect(json).toMatchObject({ kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata: { resourceVersion: metadata.resourceVersion } })
    expect(json.columnDefinitions.map(({ name }: Plain) => name)).toEqual(['Name', 'Data', 'Age'])
    expect(json.rows).toEqual([{ cells: ['a', 1, '0s'], object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata } }])
  })

  it('is its metadata alone, in JSON, YAML and protobuf', async () => {
    const { metadata } = (await get(`${configMaps}/a`)).json
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
    expect((await get(`${configMaps}/a`, converted('PartialObjectMetadata'))).json).toEqual(partial)
    expect((await get(`${configMaps}/a`, converted('PartialObjectMetadata', 'application/yaml'))).text).toMatch(
      /^apiVersion: meta.k8s.io\/v1\nkind: PartialObjectMetadata\n/,
    )
    const binary = await get(`${configMaps}/a`, converted('PartialObjectMetadata', protobuf))
    expect([binary.headers['content-type'], decoded(binary)]).toEqual([protobuf, partial])
  })

  it('is the first thing wanted that there is', async () => {
    const accepts: [accept: string, type: string][] = [
      ['application/yaml,application/json', 'application/yaml'],
      ['application/json;q=0.5,application/yaml', 'application/yaml'],
      ['*/*,application/yaml', 'application/yaml'],
      ['text/plain,*/*;q=0.1', 'application/json'],
      [`${converted('Table', protobuf)},application/yaml`, 'application/yaml'],
      [`${converted('Nonsense')},application/json`, 'application/json'],
      ['application/json;q=nonsense,application/yaml', 'application/yaml'],
      ['application/json;q=0', 'application/json'],
      ['application/json;q=0.1,application/yaml;q=0.10001', 'application/yaml'],
      ['application/yaml;q=0.5,application/*', 'application/json'],
      ['application/*;q=0.5,application/yaml;q=0.4', 'application/yaml'],
      ['application/yaml;q=0.3,*/*;q=0.9', 'application/json'],
      ['Application/YAML,application/json', 'application/json'],
      ['application/yaml/x,application/json', 'application/json'],
      [`application/yaml;stream=watch,${protobuf};stream=watch`, protobuf],
      [`application/cbor,${protobuf},application/json`, protobuf],
      [`application/cbor;q=1,application/json;q=0.9`, 'application/json'],
      [`${converted('Table', protobuf)},${converted('Table')},application/json`, 'application/json'],
      [
        Array.from({ length: 20 }, () => 'application/yaml;q=0.1')
          .concat('application/json;q=0.2')
          .join(),
        'application/json',
      ],
    ]
    for (const [accept, type] of accepts) expect([accept, (await get(`${configMaps}/a`, accept)).headers['content-type']]).toEqual([accept, type])
  })

  const available = `application/json, application/yaml, ${protobuf}`
  const notAccepted = `only the following media types are accepted: ${available}`
  const notRepresented = `406: Not Acceptable\n\nAvailable representations: ${available}`

  it.each([
    ['text/html', notRepresented],
    ['application/xml;q=1', notRepresented],
    ['application/*', notRepresented],
    ['nonsense', notRepresented],
    [converted('Table', protobuf), notAccepted],
    [converted('Nonsense'), notAccepted],
    [`${converted('Table')};stream=x`, notAccepted],
    ['application/json;sv=v2', notAccepted],
    ['application/yaml;stream=watch', notAccepted],
    [converted('PartialObjectMetadataList'), 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)'],
  ])('is refused as %s', async (accept, message) => {
    const { status, headers, json, text } = await get(`${configMaps}/a`, accept)
    expect([status, headers['content-type'], json.reason]).toEqual([406, 'application/json', 'NotAcceptable'])
    expect(json.message).toBe(message)
    expect(text).toContain('\n  "kind": "Status"')
  })

  it('of a list is no object, whatever is asked for', async () => {
    const { status, json } = await get(configMaps, converted('PartialObjectMetadata'))
    expect([status, json.reason, json.message]).toEqual([
      406,
      'NotAcceptable',
      'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)',
    ])
  })

  it('of a list says that there are streams of it', async () => {
    const streams = `application/json;stream=watch, ${protobuf};stream=watch`
    expect((await get(configMaps, 'text/html')).json.message).toBe(`${notRepresented}, ${streams}`)
  })

  it('has line breaks for people', async () => {
    const isPretty = async (path: string, headers = {}) => (await get(path, undefined, headers)).text.startsWith('{\n  "kind": "ConfigMap"')
    expect(await isPretty(`${configMaps}/a?pretty=true`)).toBe(true)
    expect(await isPretty(`${configMaps}/a?pretty=1`)).toBe(true)
    expect(await isPretty(`${configMaps}/a?pretty=yes`)).toBe(false)
    expect(await isPretty(`${configMaps}/a`, { 'user-agent': 'curl/8.0' })).toBe(true)
    expect(await isPretty(`${configMaps}/a?pretty=`, { 'user-agent': 'Wget/1' })).toBe(true)
    expect(await isPretty(`${configMaps}/a?pretty=false`, { 'user-agent': 'Mozilla/5.0' })).toBe(false)
    expect(await isPretty(`${configMaps}/a`, { accept: 'application/json;pretty=1' })).toBe(true)
  })
})

describe('a list', () => {
  it('is made of the stored bytes, and equal to what they mean', async () => {
    const { text, json } = await get(configMaps)
    expect(text.endsWith(']}\n')).toBe(true)
    expect(JSON.stringify(json)).toBe(text.trim().replaceAll('\\u003c', '<').replaceAll('\\u003e', '>').replaceAll('\\u0026', '&'))
    expect(json.items.map((item: Plain) => [item.kind, item.metadata.name])).toEqual([
      [undefined, 'a'],
      [undefined, 'b'],
    ])
    expect((await get(`${configMaps}?pretty=true`)).json).toEqual(json)
    expect(decoded(await get(configMaps, protobuf))).toEqual(json)
  })

  it('is empty in its own way in every form', async () => {
    const none = `${configMaps}?labelSelector=none`
    expect((await get(none)).json.items).toEqual([])
    expect((await get(none, converted('Table'))).json.rows).toBeNull()
    expect((await get(none, converted('PartialObjectMetadataList'))).json.items).toBeNull()
  })

  it('is a Table whose rows carry what is asked for', async () => {
    const rowsOf = async (includeObject: string) => (await get(`${configMaps}?includeObject=${includeObject}`, converted('Table'))).json.rows
    expect((await rowsOf('')).map(({ object }: Plain) => object.kind)).toEqual(['PartialObjectMetadata', 'PartialObjectMetadata'])
    expect((await rowsOf('Object')).map(({ object }: Plain) => object.kind)).toEqual(['ConfigMap', 'ConfigMap'])
    expect((await rowsOf('None')).map(({ object }: Plain) => object)).toEqual([null, null])
    expect((await get(`${configMaps}?includeObject=x`, converted('Table'))).json).toMatchObject({
      code: 400,
      message: "Unable to convert to Table as requested: includeObject: Invalid value: \"x\": must be 'Metadata', 'Object', 'None', or empty",
    })
  })

  it('is metadata alone, in JSON and protobuf', async () => {
    const { json } = await get(configMaps, converted('PartialObjectMetadataList'))
    expect(json.items.map(({ kind, metadata }: Plain) => [kind, metadata.name])).toEqual([
      ['PartialObjectMetadata', 'a'],
      ['PartialObjectMetadata', 'b'],
    ])
    expect(decoded(await get(configMaps, converted('PartialObjectMetadataList', protobuf))).items.map(({ metadata }: Plain) => metadata)).toEqual(
      json.items.map(({ metadata }: Plain) => metadata),
    )
  })
})

describe('a scale', () => {
  it('has a Table of its own', async () => {
    const { json } = await get('/apis/apps/v1/namespaces/samples/deployments/d/scale', converted('Table'))
    expect(json.columnDefinitions.map(({ name }: Plain) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
    expect(json.rows[0].cells).toEqual(['d', 3, 0, '0s'])
  })
})

describe('an error', () => {
  it('comes in the form the client reads', async () => {
    const path = `${configMaps}/none`
    expect(decoded(await get(path, protobuf))).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404, details: { name: 'none', kind: 'configmaps' } })
    expect((await get(path, 'application/yaml')).text).toMatch(/^apiVersion: v1\ncode: 404\n/)
    expect((await get(path, `${converted('Table')},application/json`)).json).toMatchObject({ kind: 'Status', code: 404 })
  })

  it('of a review that should be a Table is that there is none', async () => {
    const sent = { headers: { accept: converted('Table') }, body: { spec: { token: 'x' } } }
    expect((await app.ask('POST', '/apis/authentication.k8s.io/v1/tokenreviews', sent)).status).toBe(406)
    const { json } = await app.ask('POST', configMaps, { headers: { accept: converted('Table') }, body: configMap('t') })
    expect([json.kind, json.rows[0].cells[0]]).toEqual(['Table', 't'])
    await app.ask('DELETE', `${configMaps}/t`)
  })
})

describe('a large answer', () => {
  it('is compressed for who can read it, and only then', async () => {
    app.realm.create('v1/configmaps', configMap('large', { data: { k: 'x'.repeat(200_000) } }))
    const path = `${configMaps}/large`
    const plain = await get(path)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(Number(plain.headers['content-length'])).toBe(plain.bytes.length)
    const packed = await get(path, undefined, { 'accept-encoding': 'deflate, gzip' })
    expect([packed.headers['content-encoding'], packed.headers.vary]).toEqual(['gzip', 'Accept-Encoding'])
    expect(packed.bytes.length).toBeLessThan(5000)
    expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true)
    expect((await get(`${configMaps}/a`, undefined, { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBeUndefined()
    for (const other of ['gzip;q=0.5', 'gzip;q=0', 'x-gzip', 'deflate', '*'])
      expect([other, (await get(path, undefined, { 'accept-encoding': other })).headers['content-encoding']]).toEqual([other, undefined])
    const list = await get(`${configMaps}?limit=500`, undefined, { 'accept-encoding': 'gzip' })
    expect(JSON.parse(gunzipSync(list.bytes).toString()).items).toHaveLength(3)
  })

  it('of many objects arrives whole', async () => {
    for (let index = 0; index < 20; index++)
      app.realm.create('v1/secrets', { metadata: { name: `s${index}` }, data: { k: Buffer.alloc(150_000, index).toString('base64') } })
    const { json, bytes } = await get('/api/v1/namespaces/samples/secrets')
    expect(bytes.length).toBeGreaterThan(3_000_000)
    expect(json.items).toHaveLength(20)
  })
})
