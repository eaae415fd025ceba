// Stories made by chance, on every kind: whatever clients do, the laws of the API hold.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain, ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { openApp, type Reply, type TestApp } from '../support/app.js'
import { type Chance, chanceOf } from '../support/chance.js'
import { readSamples } from '../support/samples.js'
import { openWatch, type WatchedEvent, type Watcher } from '../support/watcher.js'

interface Subject {
  /** `/api/v1/namespaces/samples/pods` */
  collection: string
  path: string
  /** A valid object. */
  send: Plain
}

const collectionOf = ({ group, apiVersion, namespaced, plural }: ResourceDefinition) =>
  `${group ? '/apis' : '/api'}/${apiVersion}${namespaced ? '/namespaces/samples' : ''}/${plural}`

/** Kinds that are stored as themselves and written by nobody but their client. */
function subjects(): Subject[] {
  const others = ['v1/namespaces', 'networking.k8s.io/v1/ipaddresses']
  return readSamples().flatMap(({ resource, send }) => {
    const definition = builtInResources.find(({ key }) => key === resource) as ResourceDefinition
    if (!definition.verbs.includes('watch') || definition.storedAs !== definition || others.includes(resource) || !send.metadata?.name) return []
    const collection = collectionOf(definition)
    return [{ collection, path: `${collection}/${send.metadata.name}`, send: { apiVersion: definition.apiVersion, kind: definition.kind, ...send } }]
  })
}

let app: TestApp
beforeEach(async () => {
  app = await openApp()
})
afterEach(() => app.close())

interface Attempt {
  method: string
  path: string
  reply: Reply
  isDry: boolean
}

const patchTypes = ['application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/json-patch+json', 'application/apply-patch+yaml']

/** One request about an object that may be there or not. @param current as it was last read */
async function attempt({ collection, path, send }: Subject, current: Plain | undefined, next: Chance): Promise<Attempt> {
  const isDry = next(8) === 0
  const label = { [`label-${next(3)}`]: `${next(3)}` }
  const finalizers = next(4) ? [] : ['example.com/kept']
  const ask = async (method: string, to: string, body?: unknown, type = 'application/json', query = ''): Promise<Attempt> => {
    const url = `${to}?${isDry ? 'dryRun=All' : ''}${query}`
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }
    return { method, path: to, isDry, reply: await app.ask(method, url, sent) }
  }
  const changed = current && { ...current, metadata: { ...current.metadata, labels: { ...current.metadata.labels, ...label }, finalizers } }
  switch (next(current ? 9 : 3)) {
    case 0:
    case 1:
      return ask('POST', collection, { ...send, metadata: { ...send.metadata, labels: label, finalizers } })
    case 2:
      return ask('PUT', path, changed ?? send)
    case 3:
      return ask('PUT', path, { ...changed, metadata: { ...changed?.metadata, resourceVersion: '1' } })
    case 4:
      return ask('PUT', path, current)
    case 5:
      if (next(3)) return ask('DELETE', path)
      // Options in a body are all there are: those of the URL do not count.
      return ask('DELETE', path, { preconditions: { uid: next(2) ? current?.metadata.uid : 'another' }, ...(isDry ? { dryRun: ['All'] } : {}) })
    case 6:
      return ask('DELETE', path, undefined, '', `&propagationPolicy=${['Foreground', 'Background', 'Orphan'][next(3)]}`)
    default: {
      const type = patchTypes[next(patchTypes.length)]
      const metadata = { labels: label, finalizers }
      if (type.includes('json-patch')) return ask('PATCH', path, [{ op: 'add', path: '/metadata/finalizers', value: finalizers }], type)
      if (!type.includes('apply')) return ask('PATCH', path, { metadata }, type)
      const identity = { apiVersion: send.apiVersion, kind: send.kind, metadata: { name: send.metadata.name, labels: label } }
      return ask('PATCH', path, identity, type, `&fieldManager=manager-${next(2)}&force=${next(2) === 1}`)
    }
  }
}

const versionOf = ({ metadata }: Plain) => Number(metadata.resourceVersion)

/** Checks what one answer must be, given what was there. @returns what is there now */
async function judge({ path }: Subject, before: string | undefined, { method, reply, isDry }: Attempt, what: string): Promise<string | undefined> {
  const after = await app.get(path)
  const found = after.status === 200 ? after.text : undefined
  const { json } = reply
  expect(reply.status < 500 || json.message === 'resourceVersion should not be set on objects to be created', what).toBe(true)
  if (isDry || reply.status >= 400) expect(found, what).toBe(before)
  else if (method === 'DELETE') expect(found === undefined || JSON.parse(found).metadata.deletionTimestamp !== undefined, what).toBe(true)
  // The last finalizer may go with a change: then the object goes with it.
  else if (found !== undefined) expect(found, what).toBe(reply.text)
  else expect(json.metadata.deletionTimestamp, what).toBeDefined()
  if (before === undefined) expect(reply.status < 400 || method === 'POST' || reply.status === 404 || reply.status === 409, what).toBe(true)
  if (method === 'POST' && before !== undefined) expect(reply.status, what).toBe(409)
  if (before !== undefined && found !== undefined && found !== before) {
    const [old, now] = [JSON.parse(before), JSON.parse(found)]
    expect(versionOf(now), what).toBeGreaterThan(versionOf(old))
    expect([now.metadata.name, now.metadata.creationTimestamp], what).toEqual([old.metadata.name, old.metadata.creationTimestamp])
    if (old.metadata.uid === now.metadata.uid) expect(now.metadata.generation ?? 0, what).toBeGreaterThanOrEqual(old.metadata.generation ?? 0)
  }
  return found
}

interface Past {
  version: string
  items: Plain[]
}

async function listOf(collection: string, query = ''): Promise<Past> {
  const { json } = await app.get(`${collection}${query}`)
  return { version: json.metadata.resourceVersion, items: json.items }
}

async function pagesOf(collection: string, pause: () => Promise<void>): Promise<Past> {
  const items: Plain[] = []
  let version = ''
  for (let token: string | undefined = ''; token !== undefined; ) {
    const { json }: Reply = await app.get(`${collection}?limit=1${token ? `&continue=${encodeURIComponent(token)}` : ''}`)
    version ||= json.metadata.resourceVersion
    expect(json.metadata.resourceVersion).toBe(version)
    items.push(...json.items)
    token = json.metadata.continue
    await pause()
  }
  return { version, items }
}

/** What a reader of a watch knows in the end. */
function replayed(events: readonly WatchedEvent[]): Plain[] {
  const known = new Map<string, Plain>()
  for (const { type, object } of events) {
    if (type === 'DELETED') known.delete(object.metadata.name)
    else known.set(object.metadata.name, object)
  }
  return [...known.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object)
}

const bare = (items: readonly Plain[]) => items.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest)

async function tell(seed: number, rounds: number): Promise<void> {
  const next = chanceOf(seed)
  const all = subjects()
  const collections = [...new Set(all.map(({ collection }) => collection))]
  const start = String(app.realm.realm.store.revision)
  const watchers = new Map<string, Watcher>()
  for (const collection of collections) watchers.set(collection, await openWatch(app.port, `${collection}?watch=1&resourceVersion=${start}`))
  const present = new Map<string, string>()
  const pasts: { collection: string; past: Past }[] = []
  const answers = new Map<string, string>()
  const step = async (subject = all[next(all.length)]) => {
    const before = present.get(subject.path)
    const made = await attempt(subject, before === undefined ? undefined : JSON.parse(before), next)
    const what = `seed ${seed}: ${made.method} ${made.path}${made.isDry ? ' (dry)' : ''} → ${made.reply.status} ${made.reply.text.slice(0, 700)}\nbefore: ${before}`
    const found = await judge(subject, before, made, what)
    expect(app.mistakes, what).toEqual([])
    if (found === undefined) present.delete(subject.path)
    else {
      present.set(subject.path, found)
      answers.set(`${subject.collection} ${versionOf(JSON.parse(found))}`, found.trim())
    }
  }
  for (let round = 0; round < rounds; round++) {
    await step()
    if (round % 10 === 0) {
      const collection = collections[next(collections.length)]
      pasts.push({ collection, past: await listOf(collection) })
    }
    if (round % 50 === 0) {
      const { collection } = all[next(all.length)]
      const whole = await listOf(collection)
      const ofIt = all.filter((subject) => subject.collection === collection)
      const paged = await pagesOf(collection, () => step(ofIt[next(ofIt.length)]))
      expect(bare(paged.items)).toEqual(bare(whole.items))
    }
  }
  for (const { collection, past } of pasts) {
    const again = await listOf(collection, `?resourceVersion=${past.version}&resourceVersionMatch=Exact`)
    expect(again).toEqual(past)
  }
  for (const collection of collections) await compare(collection, watchers.get(collection) as Watcher, { start, answers, next })
}

interface Told {
  start: string
  /** What writes answered, by collection and version. */
  answers: ReadonlyMap<string, string>
  next: Chance
}

/** Whoever watched all along, whoever watches later and whoever lists know the same. */
async function compare(collection: string, { events, stop }: Watcher, { start, answers, next }: Told): Promise<void> {
  // What was there before the story has no event.
  const items = (await listOf(collection)).items.filter((item) => versionOf(item) > Number(start))
  const later = await openWatch(app.port, `${collection}?watch=1&resourceVersion=${start}`)
  await expect.poll(() => [later.events.length, replayed(later.events).length]).toEqual([events.length, items.length])
  expect(later.events).toEqual(events)
  const versions = events.map(({ object }) => versionOf(object))
  expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other))
  expect(bare(replayed(events))).toEqual(bare(items))
  for (const { type, object } of events) {
    const answer = answers.get(`${collection} ${versionOf(object)}`)
    if (type !== 'DELETED' && answer) expect(JSON.stringify(object)).toBe(answer)
  }
  const middle = events[next(Math.max(events.length, 1))]
  if (middle) {
    const resumed = await openWatch(app.port, `${collection}?watch=1&resourceVersion=${middle.object.metadata.resourceVersion}`)
    const rest = events.slice(events.indexOf(middle) + 1)
    await resumed.until(rest.length)
    expect(resumed.events).toEqual(rest)
    resumed.stop()
  }
  later.stop()
  stop()
}

describe('a story made by chance', () => {
  it.each([3])('keeps the laws: seed %i', (seed) => tell(seed, 300), 60_000)
})
