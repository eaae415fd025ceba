// Every kind in protobuf, both ways and by every verb: what is said in it is what JSON says.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { protobufBytes } from '../../src/http/protobuf-bytes.js'
import { canonicalize, decodeObject, encodeList, encodeObject, type KubeObject, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { configMap, configMaps, openApp, type Reply, shapeOf, type TestApp } from '../support/app.js'
import { readSamples } from '../support/samples.js'
import { openWatch } from '../support/watcher.js'

let app: TestApp
beforeAll(async () => {
  app = await openApp()
})
afterAll(() => app.close())

const protobuf = 'application/vnd.kubernetes.protobuf'
const inProtobuf = { accept: protobuf, 'content-type': protobuf }

function bytesOf(object: Plain): Buffer {
  const shape = shapeOf(object.apiVersion, object.kind)
  const canonical = shape && canonicalize(shape, object)
  if (!canonical || 'message' in canonical) throw new Error(`${object.kind}: ${canonical?.message ?? 'no shape'}`)
  return encodeObject(shape, canonical.object)
}

function decoded(bytes: Buffer): Plain {
  const result = decodeObject(bytes, { apiVersion: '', kind: '' }, shapeOf)
  if ('error' in result) throw new Error(result.error)
  const shape = shapeOf(result.object.apiVersion, result.object.kind)
  const canonical = shape && canonicalize(shape, result.object)
  if (!canonical || 'message' in canonical) throw new Error(`${result.object.kind}: ${canonical?.message ?? 'no shape'}`)
  return canonical.object
}

/** Claims inside of StatefulSets print their kind in JSON, and protobuf has no room for it. */
function withoutInnerKinds(object: Plain): Plain {
  const claims = object.kind === 'StatefulSet' ? (object.spec?.volumeClaimTemplates ?? []) : []
  for (const claim of claims) {
    delete claim.kind
    delete claim.apiVersion
  }
  return object
}

function read(reply: Reply): Plain {
  expect([reply.headers['content-type'], reply.bytes.subarray(0, 4).toString('latin1')]).toEqual([protobuf, 'k8s\0'])
  return decoded(reply.bytes)
}

const pathOf = ({ group, apiVersion, namespaced, plural }: ResourceDefinition) =>
  `${group ? '/apis' : '/api'}/${apiVersion}${namespaced ? '/namespaces/samples' : ''}/${plural}`

const samples = readSamples().map(({ resource, send }) => {
  const definition = builtInResources.find(({ key }) => key === resource) as ResourceDefinition
  return [resource, (send.metadata?.name as string) ?? '', definition, { apiVersion: definition.apiVersion, kind: definition.kind, ...send } as Plain] as const
})

describe('an object sent and asked for in protobuf', () => {
  it.each(samples)('says what JSON says: %s %s', async (_resource, _name, definition, object) => {
    const path = pathOf(definition)
    const query = definition.verbs.includes('get') ? '' : '?dryRun=All'
    const made = await app.ask('POST', path + query, { headers: inProtobuf, body: bytesOf(object) })
    expect(made.status, made.text).toBe(201)
    const answer = read(made)
    if (!definition.verbs.includes('get')) {
      expect(answer.kind === definition.kind || answer.kind === 'Status').toBe(true)
      return
    }
    const place = `${path}/${answer.metadata.name}`
    const { json } = await app.get(place)
    expect(answer).toEqual(withoutInnerKinds(json))
    const again = await app.get(place, { accept: protobuf })
    expect(again.bytes).toEqual(made.bytes)
    // What was read can be written back, and then nothing has changed.
    const put = await app.ask('PUT', place, { headers: inProtobuf, body: again.bytes })
    expect([put.status, read(put).metadata.resourceVersion]).toEqual([200, json.metadata.resourceVersion])
    const options = bytesOf({ apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'], propagationPolicy: 'Background' })
    const removed = await app.ask('DELETE', place, { headers: inProtobuf, body: options })
    expect([removed.status, read(removed).kind === 'Status' || removed.status === 200]).toEqual([200, true])
    expect((await app.get(place)).status).toBe(200)
  })
})

const listable = builtInResources.filter(({ verbs }) => verbs.includes('watch')).map((definition) => [definition.key, definition] as const)

describe('a collection in protobuf', () => {
  it.each(listable)('says what JSON says: %s', async (_key, definition) => {
    const path = pathOf(definition)
    for (const query of ['', '?limit=1']) {
      const { json } = await app.get(path + query)
      for (const item of json.items) withoutInnerKinds(Object.assign(item, { kind: definition.kind }))
      for (const item of json.items) delete item.kind
      expect(read(await app.get(path + query, { accept: protobuf }))).toEqual(json)
    }
    const partial = `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`
    const { items } = read(await app.get(path, { accept: partial }))
    expect((items ?? []).map(({ metadata }: Plain) => metadata)).toEqual((await app.get(path)).json.items.map(({ metadata }: Plain) => metadata))
  })

  it.each(listable)('is watched frame by frame: %s', async (_key, definition) => {
    const { json } = await app.get(pathOf(definition))
    const watcher = await openWatch(app.port, `${pathOf(definition)}?watch=1&resourceVersion=0&timeoutSeconds=1`, { accept: protobuf })
    expect(watcher.response.headers['content-type']).toBe(`${protobuf};stream=watch`)
    const length = () => watcher.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    const frames: Plain[] = []
    for (let at = 0; frames.length < json.items.length; ) {
      while (length() < at + 4 || length() < at + 4 + Buffer.concat(watcher.chunks).readUInt32BE(at)) await new Promise(setImmediate)
      const bytes = Buffer.concat(watcher.chunks)
      const end = at + 4 + bytes.readUInt32BE(at)
      const frame = bytes.subarray(at + 4, end)
      expect(frame.toString('latin1', 0, 7)).toBe('\n\x05ADDED')
      frames.push(decoded(frame.subarray(frame.indexOf('k8s\0'))))
      at = end
    }
    watcher.stop()
    expect(frames).toEqual(json.items.map((item: Plain) => withoutInnerKinds({ kind: definition.kind, apiVersion: definition.apiVersion, ...item })))
  })
})

/** Whole frames of what has come so far. */
function framesIn(bytes: Buffer): Plain[] {
  const frames: Plain[] = []
  for (let at = 0; at + 4 <= bytes.length && at + 4 + bytes.readUInt32BE(at) <= bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    const frame = bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at))
    frames.push({ type: frame.toString('latin1', 2, 2 + frame[1]), object: decoded(frame.subarray(frame.indexOf('k8s\0'))) })
  }
  return frames
}

describe('a watch of metadata in protobuf', () => {
  it('tells metadata alone, bookmarks too', async () => {
    for (const name of ['told-1', 'told-2']) app.realm.create('v1/services', { metadata: { name, labels: { a: 'b' } }, spec: { ports: [{ port: 80 }] } })
    const accept = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
    const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1'
    const watcher = await openWatch(app.port, `/api/v1/services?${query}`, { accept })
    expect(await watcher.ended).toBe('complete')
    const frames = framesIn(Buffer.concat(watcher.chunks))
    expect(new Set(frames.map(({ type, object }) => `${type} ${object.kind}`))).toEqual(
      new Set(['ADDED PartialObjectMetadata', 'BOOKMARK PartialObjectMetadata']),
    )
    expect(frames.at(-1)?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    const names = (await app.get('/api/v1/services')).json.items.map(({ metadata }: Plain) => metadata.name)
    expect(frames.slice(0, -1).map(({ object }) => object.metadata.name)).toEqual(names)
  })

  it('is no Table', async () => {
    const reply = await app.get(`${configMaps}?watch=1`, { accept: `${protobuf};as=Table;g=meta.k8s.io;v=v1` })
    expect([reply.status, reply.json.message]).toEqual([
      406,
      `only the following media types are accepted: application/json;stream=watch, ${protobuf};stream=watch`,
    ])
  })
})

describe('the bytes of an object', () => {
  it('are made once, and stand in its lists as they are', () => {
    const object = app.realm.create('v1/configmaps', configMap('once', { data: { k: 'v'.repeat(10_000) } })) as KubeObject
    const shape = shapeOf('v1', 'ConfigMap')
    const listShape = shapeOf('v1', 'ConfigMapList')
    if (!shape || !listShape) throw new Error('no shape')
    const bytes = protobufBytes(shape, object)
    expect(protobufBytes(shape, object)).toBe(bytes)
    const [, item] = encodeList(listShape, { apiVersion: 'v1', kind: 'ConfigMapList', metadata: {} }, [bytes])
    expect(item.buffer).toBe(bytes.buffer)
    // What was written has the room it needs, and no more.
    expect(bytes.buffer.byteLength).toBe(bytes.length)
  })
})

describe('a list of nothing inside of a map', () => {
  it('is written, and says the same', async () => {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user: 'jane', extra: { scopes: [] } } }
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    const headers = { accept: protobuf, 'content-type': 'application/json' }
    const { status, bytes } = await app.ask('POST', path, {
      headers,
      body: { ...review, spec: { ...review.spec, nonResourceAttributes: { verb: 'get', path: '/' } } },
    })
    expect([status, decoded(bytes).spec.extra]).toEqual([201, { scopes: null }])
  })
})

describe('protobuf that is not all known, or not all there', () => {
  const make = (message: string) =>
    app.ask('POST', `${configMaps}?dryRun=All`, {
      headers: inProtobuf,
      body: Buffer.concat([
        Buffer.from('6b3873000a0f0a0276311209436f6e6669674d6170', 'hex'),
        Buffer.from([0x12, message.length / 2]),
        Buffer.from(message, 'hex'),
      ]),
    })

  it('is read without the fields that nobody knows', async () => {
    const reply = await make('0a050a0361626312060a01611201' + '62f80601fa060161')
    expect([reply.status, read(reply).data]).toEqual([201, { a: 'b' }])
  })

  it.each([
    ['0a050a0361', 'unexpected EOF'],
    ['0801', 'proto: wrong wireType = 0 for field Metadata'],
    ['ff06', 'proto: illegal wireType 7'],
  ])('is refused: %s', async (message, cause) => {
    const reply = await make(message)
    expect(reply.status).toBe(400)
    expect(read(reply).message).toBe(`ConfigMap in version "v1" cannot be handled as a ConfigMap: ${cause}`)
  })
})
