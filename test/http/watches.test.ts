// Watches over HTTP: what is told, in which form, how they end, and what happens to those who do not read.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { pendingBytesMax } from '../../src/http/watch-stream.js'
import { canonicalize, decodeObject, type Plain } from '../../src/machinery/index.js'
import { configMap, configMaps, openApp, shapeOf, type TestApp } from '../support/app.js'
import { openDeafWatch, openWatch, type Watcher } from '../support/watcher.js'

let app: TestApp
const open: Watcher[] = []
beforeEach(async () => {
  app = await openApp()
})
afterEach(async () => {
  for (const watcher of open.splice(0)) watcher.stop()
  await app.close()
})

async function watch(query = '', headers = {}): Promise<Watcher> {
  const watcher = await openWatch(app.port, `${configMaps}?watch=true&${query}`, headers)
  open.push(watcher)
  return watcher
}

const make = (name: string, more: Plain = {}) => app.realm.create('v1/configmaps', configMap(name, more)) as Plain
const change = (name: string, edit: (object: Plain) => void) => app.realm.change('v1/configmaps', name, edit) as Plain
const brief = ({ type, object }: { type: string; object: Plain }) => `${type} ${object.metadata?.name ?? object.reason ?? ''}`.trim()
const versionOf = (object: Plain) => object.metadata.resourceVersion as string

describe('a watch', () => {
  it('begins with its headers, before there is anything to tell', async () => {
    const { response } = await watch(`resourceVersion=${app.realm.realm.store.revision}`)
    expect([response.statusCode, response.headers['content-type'], response.headers['transfer-encoding']]).toEqual([200, 'application/json', 'chunked'])
  })

  it('tells what there is, then what happens', async () => {
    make('a')
    const watcher = await watch()
    make('b')
    change('a', (object) => {
      object.data = { k: 'v' }
    })
    app.realm.remove('v1/configmaps', 'b')
    expect((await watcher.until(4)).map(brief)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b'])
    const versions = watcher.events.map(({ object }) => Number(versionOf(object)))
    expect(versions).toEqual([...versions].sort((one, other) => one - other))
    expect(watcher.events[2].object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } })
  })

  it('goes on from a version without losing or repeating anything', async () => {
    const from = versionOf(make('a'))
    make('b')
    make('c')
    const watcher = await watch(`resourceVersion=${from}`)
    make('d')
    expect((await watcher.until(3)).map(brief)).toEqual(['ADDED b', 'ADDED c', 'ADDED d'])
  })

  it('from a version that is forgotten ends with an error', async () => {
    await app.close()
    app = await openApp({ historyLimits: { ageMillisMax: 300_000, eventsMax: 2, bytesMax: 1e9 } })
    const from = versionOf(make('a'))
    for (let count = 0; count < 10; count++) make(`b${count}`)
    const watcher = await watch(`resourceVersion=${from}`)
    const [event] = await watcher.until(1)
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })
    expect(event.object.message).toMatch(new RegExp(`^too old resource version: ${from} \\(\\d+\\)$`))
    expect(await watcher.ended).toBe('complete')
  })

  it('sees objects come and go as its selector does', async () => {
    make('a', { metadata: { labels: { app: 'x' } } })
    const watcher = await watch('labelSelector=app%3Dx')
    change('a', (object) => {
      object.metadata.labels.app = 'y'
    })
    make('unseen')
    change('a', (object) => {
      object.metadata.labels.app = 'x'
    })
    expect((await watcher.until(3)).map(brief)).toEqual(['ADDED a', 'DELETED a', 'ADDED a'])
    expect(watcher.events[1].object.metadata.labels).toEqual({ app: 'x' })
  })

  it('of one name is a watch of the collection, on old paths too', async () => {
    make('a')
    make('b')
    expect((await (await watch('fieldSelector=metadata.name%3Db')).until(1)).map(brief)).toEqual(['ADDED b'])
    const old = await openWatch(app.port, `/api/v1/watch/namespaces/samples/configmaps/b`)
    open.push(old)
    expect((await old.until(1)).map(brief)).toEqual(['ADDED b'])
    const refused = await app.get('/api/v1/watch/namespaces/samples/configmaps/b?fieldSelector=metadata.name%3Da')
    expect(refused.json).toMatchObject({ code: 400, message: "fieldSelector metadata.name doesn't match requested name" })
  })

  it('marks the end of what there was, and how far it is', async () => {
    make('a')
    const watcher = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true')
    const [, bookmark] = await watcher.until(2)
    expect(bookmark.type).toBe('BOOKMARK')
    expect(bookmark.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: String(app.realm.realm.store.revision), annotations: { 'k8s.io/initial-events-end': 'true' } },
    })
  })

  it('says how far it is before its time is over, if something happened elsewhere', async () => {
    const from = versionOf(make('a'))
    app.realm.create('v1/secrets', { metadata: { name: 'elsewhere' } })
    const watcher = await watch(`resourceVersion=${from}&allowWatchBookmarks=true&timeoutSeconds=3`)
    await watcher.until(1)
    expect(watcher.events.map(({ type, object }) => [type, versionOf(object)])).toEqual([['BOOKMARK', String(app.realm.realm.store.revision)]])
  })

  it('ends in good order when its time is over', async () => {
    const began = performance.now()
    const watcher = await watch('timeoutSeconds=1')
    expect(await watcher.ended).toBe('complete')
    expect(performance.now() - began).toBeGreaterThan(900)
    expect(app.openWatches.streams.size).toBe(0)
  })

  it('of a reader who left is forgotten', async () => {
    const watcher = await watch()
    expect(app.openWatches.streams.size).toBe(1)
    watcher.stop()
    while (app.openWatches.streams.size) await new Promise(setImmediate)
    make('a')
    expect(app.mistakes).toEqual([])
  })

  it('writes what happened in one turn at once', async () => {
    const watcher = await watch(`resourceVersion=${app.realm.realm.store.revision}`)
    for (let count = 0; count < 50; count++) make(`a${count}`)
    await watcher.until(50)
    expect(watcher.chunks).toHaveLength(1)
  })
})

describe('a watch in another form', () => {
  const converted = (as: string, type = 'application/json') => ({ accept: `${type};as=${as};g=meta.k8s.io;v=v1` })
  const protobuf = 'application/vnd.kubernetes.protobuf'

  it('is of Tables, with columns in the first', async () => {
    make('a')
    const watcher = await watch('allowWatchBookmarks=true', converted('Table'))
    make('b')
    const [first, bookmark, second] = await watcher.until(3)
    expect([first.object.columnDefinitions.length, first.object.rows[0].cells.slice(0, 2)]).toEqual([3, ['a', 0]])
    expect([bookmark.type, bookmark.object.kind, bookmark.object.columnDefinitions]).toEqual(['BOOKMARK', 'Table', null])
    expect(bookmark.object.rows[0].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    expect([second.object.columnDefinitions, second.object.rows[0].object.kind]).toEqual([null, 'PartialObjectMetadata'])
  })

  it('is of metadata', async () => {
    make('a', { data: { k: 'v' } })
    const [{ object }] = await (await watch('', converted('PartialObjectMetadata'))).until(1)
    expect([Object.keys(object), object.apiVersion]).toEqual([['kind', 'apiVersion', 'metadata'], 'meta.k8s.io/v1'])
  })

  it('is in protobuf, frame by frame, the same for all readers', async () => {
    const made = make('a', { data: { k: 'v' } })
    const [one, other] = [await watch('timeoutSeconds=1', { accept: `${protobuf},application/json` }), await watch('timeoutSeconds=1', { accept: protobuf })]
    expect(one.response.headers['content-type']).toBe(`${protobuf};stream=watch`)
    const changed = change('a', (object) => {
      object.data = { k: 'w' }
    })
    await Promise.all([one.ended, other.ended])
    const frames = framesOf(Buffer.concat(one.chunks))
    expect(frames.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED'])
    expect(frames.map(({ object }) => object)).toEqual([made, changed])
    expect(Buffer.concat(other.chunks)).toEqual(Buffer.concat(one.chunks))
  })

  it('is no YAML and no HTML', async () => {
    const streams = `application/json;stream=watch, ${protobuf};stream=watch`
    const refusals = [
      ['application/yaml', `only the following media types are accepted: ${streams}`],
      ['text/html', `406: Not Acceptable\\n\\nAvailable representations: application/json, application/yaml, ${protobuf}, ${streams}`],
    ]
    for (const [accept, message] of refusals) {
      const { status, text } = await app.get(`${configMaps}?watch=1`, { accept })
      expect(status).toBe(406)
      expect(text.replace(/\s+/g, ' ')).toContain(message)
    }
    expect((await watch('', { accept: 'application/json;stream=watch' })).response.statusCode).toBe(200)
  })

  it('is of every kind, bookmarks and all', async () => {
    for (const definition of app.realm.realm.catalogue.definitions().filter(({ verbs }) => verbs.includes('watch'))) {
      const { group, apiVersion, plural } = definition
      const path = `${group ? '/apis' : '/api'}/${apiVersion}/${plural}?watch=1&allowWatchBookmarks=1`
      for (const headers of [converted('Table'), { accept: '*/*' }, { accept: protobuf }]) {
        const watcher = await openWatch(app.port, path, headers)
        open.push(watcher)
        expect(watcher.response.statusCode).toBe(200)
        if (headers.accept !== protobuf)
          expect((await watcher.until(1)).at(-1)?.object).toMatchObject({ kind: headers.accept === '*/*' ? definition.kind : 'Table' })
        watcher.stop()
      }
    }
    expect(app.mistakes).toEqual([])
  })
})

function framesOf(bytes: Buffer): { type: string; object: Plain }[] {
  const frames: { type: string; object: Plain }[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const frame = bytes.subarray(at + 4, at + 4 + length)
    const decoded = decodeObject(frame.subarray(frame.indexOf('k8s\0')), { apiVersion: '', kind: '' }, shapeOf)
    if ('error' in decoded) throw new Error(decoded.error)
    const shape = shapeOf(decoded.object.apiVersion, decoded.object.kind)
    const canonical = shape && canonicalize(shape, decoded.object)
    frames.push({ type: frame.toString('latin1', 2, 2 + frame[1]), object: canonical && 'object' in canonical ? canonical.object : decoded.object })
    at += 4 + length
  }
  return frames
}

describe('a reader that does not read', () => {
  it('is cut off within a bound, and slows nobody', async () => {
    const from = app.realm.realm.store.revision
    const deaf = await openDeafWatch(app.port, `${configMaps}?watch=1&resourceVersion=${from}`)
    const keen = await watch(`resourceVersion=${from}`)
    while (app.openWatches.streams.size < 2) await new Promise(setImmediate)
    const isCutOff = new Promise((resolve) => deaf.once('close', resolve))
    let written = 0
    make('big', { data: { k: '' } })
    for (let count = 0; app.openWatches.streams.size === 2; count++) {
      written += 500_000
      change('big', (object) => {
        object.data.k = String(count % 10).repeat(500_000)
      })
      await new Promise(setImmediate)
      expect(written).toBeLessThan(4 * pendingBytesMax)
    }
    expect(written).toBeGreaterThan(pendingBytesMax / 2)
    make('after')
    while (brief(keen.events.at(-1) ?? { type: '', object: {} }) !== 'ADDED after') await keen.until(keen.events.length + 1)
    deaf.resume()
    await isCutOff
  })

  it('of much that was there before costs little, and what happens waits behind it', async () => {
    for (let count = 0; count < 60; count++) make(`big${count}`, { data: { k: String(count % 10).repeat(400_000) } })
    const deaf = await openDeafWatch(app.port, `${configMaps}?watch=1`)
    while (!app.openWatches.streams.size) await new Promise(setImmediate)
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    // 24 MB are there to be told; what the kernel did not take is not even made.
    const slow = await watch('')
    slow.response.pause()
    make('live')
    slow.response.resume()
    expect((await slow.until(61)).map(brief).at(-1)).toBe('ADDED live')
    expect(app.openWatches.streams.size).toBe(2)
    deaf.destroy()
  })
})

describe('the end of the server', () => {
  let ending: TestApp
  beforeAll(async () => {
    ending = await openApp()
  })
  afterAll(() => ending.close().catch(() => {}))

  it('ends all watches within a second, in good order for those who read', async () => {
    for (let count = 0; count < 30; count++) ending.realm.create('v1/configmaps', configMap(`big${count}`, { data: { k: 'x'.repeat(400_000) } }))
    const readers = await Promise.all([1, 2, 3].map(() => openWatch(ending.port, `${configMaps}?watch=1&resourceVersion=${ending.realm.realm.store.revision}`)))
    await openDeafWatch(ending.port, `${configMaps}?watch=1`)
    while (ending.openWatches.streams.size < 4) await new Promise(setImmediate)
    const began = performance.now()
    await ending.close()
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(['complete', 'complete', 'complete'])
  })
})
