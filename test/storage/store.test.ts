import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/machinery/index.js'
import { connect, readValue } from '../../src/storage/connection.js'
import { DataFileError, historyLimits, openStore, type Store, type Stored, type WatchEvent, type WatchEventType } from '../../src/storage/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `log-${files++}.db`)

const resource = 'v1/configmaps'
const objectOf = (store: Store, namespace: string, name: string, value: string): KubeObject & { data: Record<string, string> } => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace, resourceVersion: String(store.nextRevision) },
  data: { value },
})
function write(store: Store, type: WatchEventType, namespace: string, name: string, value = '') {
  return store.append([{ type, resource, key: { namespace, name }, object: objectOf(store, namespace, name, value) }])
}
const shownPast = (past: ReadonlyMap<string, number>, isInside: (path: string) => boolean = () => true) =>
  [...past]
    .filter(([path]) => isInside(path))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, at]) => `${path}@${at}`)
const shown = (items: readonly Stored[] | 'compacted') =>
  items === 'compacted' ? items : items.map(({ namespace, name, revision }) => `${namespace}/${name}@${revision}`)

describe.each([
  ['in memory', () => ':memory:'],
  ['in a file', newFile],
])('the log %s', (_, path) => {
  const open = (now = () => 0) => openStore({ path: path(), now, freezes: true })

  it('gives every write the next revision and the object its bytes', () => {
    const store = open()
    write(store, 'ADDED', 'a', 'x', 'one')
    write(store, 'MODIFIED', 'a', 'x', 'two')
    const stored = store.get(resource, { namespace: 'a', name: 'x' })
    expect(store.revision).toBe(2)
    expect(stored?.revision).toBe(2)
    expect(JSON.parse(stored?.line.toString() ?? '')).toEqual(stored?.object)
    store.close()
  })

  it('lists in the order of paths', () => {
    const store = open()
    for (const [namespace, name] of [
      ['a', 'b'],
      ['a-b', 'x'],
      ['a', 'a'],
      ['b', 'a'],
    ])
      write(store, 'ADDED', namespace, name)
    expect(store.list(resource).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['a-b/x', 'a/a', 'a/b', 'b/a'])
    expect(store.list(resource, 'a').map(({ name }) => name)).toEqual(['a', 'b'])
    store.close()
  })

  it('lists in the order of paths however many came and went since the last list', () => {
    const store = open()
    const there = new Set<string>()
    let step = 1
    for (const changes of [5, 40, 400, 3, 900]) {
      for (let change = 0; change < changes; change++) {
        step = (step * 48271) % 0x7fffffff
        const path = `n${step % 3}/x${step % 251}`
        const [namespace, name] = path.split('/')
        write(store, there.has(path) ? 'DELETED' : 'ADDED', namespace, name)
        if (!there.delete(path)) there.add(path)
      }
      const expected = [...there].sort()
      expect(store.count(resource)).toBe(expected.length)
      expect(store.list(resource).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(expected)
      expect(store.list(resource, 'n1').map(({ name }) => `n1/${name}`)).toEqual(expected.filter((path) => path.startsWith('n1/')))
    }
    store.close()
  })

  it('refuses what is too large, and still removes it', () => {
    const store = open()
    expect(write(store, 'ADDED', 'a', 'x', 'x'.repeat(1_572_864))).toMatchObject({ refused: 'too large' })
    expect([store.revision, store.count(resource)]).toEqual([0, 0])
    expect(write(store, 'ADDED', 'a', 'x', 'x'.repeat(1_572_000))).toMatchObject({ appended: [{ revision: 1 }] })
    store.close()
  })

  it('refuses to create what exists and to change what does not, and then writes nothing of the batch', () => {
    const store = open()
    write(store, 'ADDED', 'a', 'x')
    expect(write(store, 'ADDED', 'a', 'x')).toMatchObject({ refused: 'exists' })
    expect(write(store, 'DELETED', 'a', 'y')).toMatchObject({ refused: 'absent' })
    const batch = store.append([
      { type: 'ADDED', resource, key: { namespace: 'a', name: 'z' }, object: objectOf(store, 'a', 'z', '') },
      { type: 'ADDED', resource, key: { namespace: 'a', name: 'x' }, object: objectOf(store, 'a', 'x', '') },
    ])
    expect(batch).toMatchObject({ refused: 'exists' })
    expect(store.revision).toBe(1)
    expect(store.list(resource)).toHaveLength(1)
    store.close()
  })

  it('tells listeners before the write returns, with the state before', () => {
    const store = open()
    const seen: string[] = []
    const stop = store.watch(({ type, stored, old }) => seen.push(`${type} ${stored.name}@${stored.revision} was ${old?.revision ?? 'absent'}`))
    write(store, 'ADDED', 'a', 'x')
    write(store, 'DELETED', 'a', 'x')
    stop()
    write(store, 'ADDED', 'a', 'y')
    expect(seen).toEqual(['ADDED x@1 was absent', 'DELETED x@2 was 1'])
    store.close()
  })

  it('forgets the past beyond its limits in small steps and says so', () => {
    let now = 0
    const store = open(() => now)
    for (let index = 0; index < 10; index++) write(store, 'ADDED', 'a', `x${index}`)
    now = historyLimits.ageMillisMax + 1
    write(store, 'ADDED', 'a', 'late')
    expect(store.compactedRevision).toBe(4)
    expect(store.after(3)).toBe('compacted')
    expect(store.listAt(3, resource)).toBe('compacted')
    expect((store.after(4) as WatchEvent[]).map(({ revision }) => revision)).toEqual([5, 6, 7, 8, 9, 10, 11])
    expect(store.list(resource)).toHaveLength(11)
    store.close()
  })

  it('answers like a log small enough to be obviously right', () => {
    const command = fc.record({
      type: fc.constantFrom<WatchEventType>('ADDED', 'MODIFIED', 'DELETED'),
      namespace: fc.constantFrom('a', 'a-b', 'b'),
      name: fc.constantFrom('x', 'y', 'z'),
    })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        const store = openStore({ path: ':memory:', now: () => 0 })
        const pasts: Map<string, number>[] = [new Map()]
        for (const { type, namespace, name } of commands) {
          const before = pasts[pasts.length - 1]
          const key = `${namespace}/${name}`
          if (before.has(key) === (type === 'ADDED')) continue
          write(store, type, namespace, name)
          const after = new Map(before)
          if (type === 'DELETED') after.delete(key)
          else after.set(key, pasts.length)
          pasts.push(after)
          // Asked for again and again, as a reader of pages does.
          const page = pasts.length >> 2
          expect(shown(store.listAt(page, resource, 'a'))).toEqual(shownPast(pasts[page], (path) => path.startsWith('a/')))
        }
        expect(store.revision).toBe(pasts.length - 1)
        pasts.forEach((past, revision) => {
          expect(shown(store.listAt(revision, resource))).toEqual(shownPast(past))
        })
        store.close()
      }),
      { numRuns: 200 },
    )
  })
})

describe('a data file', () => {
  it('continues after a restart with objects and history intact', () => {
    const path = newFile()
    const first = openStore({ path, now: () => 0 })
    write(first, 'ADDED', 'a', 'x', 'one')
    write(first, 'MODIFIED', 'a', 'x', 'two')
    write(first, 'ADDED', 'a', 'gone')
    write(first, 'DELETED', 'a', 'gone')
    first.close()
    const second = openStore({ path, now: () => 0 })
    expect(second.nextRevision).toBe(5)
    expect(shown(second.list(resource))).toEqual(['a/x@2'])
    expect((second.after(1) as WatchEvent[]).map(({ type, stored, old }) => [type, stored.name, old?.revision])).toEqual([
      ['MODIFIED', 'x', 1],
      ['ADDED', 'gone', undefined],
      ['DELETED', 'gone', 3],
    ])
    second.close()
  })

  it('does not grow with what is forgotten', () => {
    const path = newFile()
    let now = 0
    const store = openStore({ path, now: () => now })
    write(store, 'ADDED', 'a', 'x')
    for (let index = 0; index < 50; index++) {
      now += historyLimits.ageMillisMax + 1
      write(store, 'MODIFIED', 'a', 'x')
    }
    store.close()
    const database = connect(path)
    expect(readValue(database, 'SELECT count(*) FROM log')).toBeLessThan(4)
    database.close()
    const again = openStore({ path, now: () => now })
    expect(again.revision).toBe(51)
    expect(again.after(1)).toBe('compacted')
    again.close()
  })

  it('does not bring back what was changed and deleted at once', () => {
    const path = newFile()
    let now = 0
    const store = openStore({ path, now: () => now })
    write(store, 'ADDED', 'a', 'x')
    const both = (['MODIFIED', 'DELETED'] as const).map((type, index) => ({
      type,
      resource,
      key: { namespace: 'a', name: 'x' },
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'x', namespace: 'a', resourceVersion: `${store.nextRevision + index}` } },
    }))
    store.append(both)
    expect((store.after(1) as WatchEvent[]).map(({ type, old }) => [type, old?.revision])).toEqual([
      ['MODIFIED', 1],
      ['DELETED', 2],
    ])
    now += historyLimits.ageMillisMax + 1
    write(store, 'ADDED', 'a', 'later')
    store.close()
    const again = openStore({ path, now: () => now })
    expect(shown(again.list(resource))).toEqual(['a/later@4'])
    again.close()
  })

  it('has forgotten for good, even where no row goes with it', () => {
    const path = newFile()
    let now = 0
    const store = openStore({ path, now: () => now })
    for (const name of ['x', 'y', 'z']) write(store, 'ADDED', 'a', name)
    now += historyLimits.ageMillisMax + 1
    write(store, 'ADDED', 'a', 'late')
    const { compactedRevision } = store
    expect(compactedRevision).toBe(3)
    store.close()
    const again = openStore({ path, now: () => now })
    expect(again.compactedRevision).toBe(compactedRevision)
    expect(again.after(2)).toBe('compacted')
    expect(shown(again.list(resource))).toEqual(['a/late@4', 'a/x@1', 'a/y@2', 'a/z@3'])
    again.close()
  })

  const refusals: [string, (path: string) => void, RegExp][] = [
    [
      'is no SQLite file',
      (path) => writeFileSync(path, 'not a database, but long enough to be looked at'.repeat(100)),
      /is not a SQLite file: name another file with --data/,
    ],
    ['belongs to another program', (path) => connect(path).exec('CREATE TABLE other (x)').close(), /is a SQLite file of another program/],
    ['was written by a newer version', (path) => newer(path), /was written by a newer kubedouble \(schema 99/],
    ['is cut off', (path) => damage(path, 5000), /is damaged \(database disk image is malformed\): put a copy in its place/],
    ['has lost pages', (path) => damage(path), /is damaged \(database disk image is malformed\): put a copy in its place/],
    ['holds what nobody wrote', (path) => rewrite(path, "UPDATE log SET object = CAST('{bad' AS BLOB) WHERE revision = 3"), /is damaged \(.+JSON.+\)/],
    ['lacks a revision', (path) => rewrite(path, 'DELETE FROM log WHERE revision = 3'), /is damaged \(revision 3 is missing\)/],
    ['is held by another process', (path) => holdElsewhere(path), /is in use by another process/],
  ]
  it.each(refusals)('that %s is refused with the way out', (_, prepare, message) => {
    const path = newFile()
    prepare(path)
    expect(() => openStore({ path, now: () => 0 })).toThrow(message)
    expect(() => openStore({ path, now: () => 0 })).toThrow(DataFileError)
  })

  it('in a folder that does not exist is refused', () => {
    expect(() => openStore({ path: join(folder, 'no', 'such', 'folder.db'), now: () => 0 })).toThrow(/name a file in a folder that exists/)
  })
})

function filled(path: string): void {
  const store = openStore({ path, now: () => 0 })
  for (let count = 0; count < 100; count++) write(store, 'ADDED', 'a', `x${count}`, 'y'.repeat(1000))
  store.close()
}

/** @param size to which it is cut; absent: pages in its middle are overwritten */
function damage(path: string, size?: number): void {
  filled(path)
  if (size !== undefined) truncateSync(path, size)
  else {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(40_000, 'z'), 0, 40_000, 20_480)
    closeSync(file)
  }
}

function rewrite(path: string, statement: string): void {
  filled(path)
  const database = connect(path)
  database.exec(statement)
  database.close()
}

function newer(path: string): void {
  openStore({ path, now: () => 0 }).close()
  const database = connect(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
}

const held: Store[] = []
afterAll(() => {
  for (const store of held) store.close()
})
function holdElsewhere(path: string): void {
  held.push(openStore({ path, now: () => 0 }))
  expect(spawnSync(process.execPath, ['-e', '']).status).toBe(0)
}
