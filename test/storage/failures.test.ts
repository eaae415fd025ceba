// A file that does not take what is written: nothing of it has happened, in memory as in the file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connect, readValue } from '../../src/storage/connection.js'
import {
  DataFileError,
  historyLimits,
  openStore,
  type SnapshotChange,
  type Store,
  type Stored,
  type WatchEvent,
  type WatchEventType,
} from '../../src/storage/index.js'
import { type Failure, mend, refuseRemoval, refuseRows } from '../support/failing-file.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-failures-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `log-${files++}.db`)

const resource = 'v1/configmaps'
const write = (store: Store, type: WatchEventType, name: string) =>
  store.append([
    {
      type,
      resource,
      key: { namespace: 'a', name },
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, resourceVersion: `${store.nextRevision}` } },
    },
  ])
const shown = (store: Store) => store.list(resource).map(({ name, revision }) => `${name}@${revision}`)
const after = (store: Store, revision: number) => (store.after(revision) as readonly WatchEvent[]).map(({ type, stored }) => `${type} ${stored.name}`)

/** Everything that can be asked of a store. */
function state(store: Store) {
  const past = (store.listAt(1, resource) as Stored[]).map(({ revision, object, line }) => ({ revision, object, line: line.toString() }))
  return { revision: store.revision, compacted: store.compactedRevision, items: shown(store), past, events: after(store, 0) }
}

/** Writes of every type, of objects old and new. */
function everything(store: Store): void {
  write(store, 'MODIFIED', 'kept')
  write(store, 'DELETED', 'gone')
  write(store, 'ADDED', 'gone')
  write(store, 'ADDED', 'new')
  write(store, 'MODIFIED', 'new')
  write(store, 'DELETED', 'new')
}

describe.each<Failure>(['at once', 'all', 'late'])('a file that fails %s', (failure) => {
  function open() {
    const path = newFile()
    refuseRows(path, failure, "NEW.name = 'refused'")
    const store = openStore({ path, now: () => 0 })
    write(store, 'ADDED', 'kept')
    write(store, 'ADDED', 'gone')
    const told: string[] = []
    const followed: string[] = []
    store.watch(({ type, stored }) => told.push(`${type} ${stored.name}`))
    store.follow(({ type, stored, old }: SnapshotChange) => followed.push(`${type} ${stored.name}@${stored.revision} was ${old?.revision ?? 'absent'}`))
    return { path, store, told, followed, before: state(store) }
  }

  it('leaves all as it was when one row is not taken, and goes on', () => {
    const { path, store, told, followed, before } = open()
    expect(() => write(store, 'ADDED', 'refused')).toThrow(DataFileError)
    expect(() => write(store, 'ADDED', 'refused')).toThrow(/cannot be written \(.+\): nothing of this is kept; make room/)
    expect(state(store)).toEqual(before)
    expect([told, followed]).toEqual([[], []])
    write(store, 'ADDED', 'other')
    expect(told).toEqual(['ADDED other'])
    const expected = state(store)
    store.close()
    const again = openStore({ path, now: () => 0 })
    expect(state(again)).toEqual(expected)
    again.close()
  })

  it('leaves all as it was when one row of several is not taken', () => {
    const { store, before } = open()
    const rows = ['one', 'refused', 'two'].map((name, index) => ({
      type: 'ADDED' as const,
      resource,
      key: { namespace: 'a', name },
      object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, resourceVersion: `${store.nextRevision + index}` } },
    }))
    expect(() => store.append(rows)).toThrow(DataFileError)
    expect(state(store)).toEqual(before)
    store.close()
  })

  it('takes nothing of a batch, tells nobody, and tells followers the opposite', () => {
    const { path, store, told, followed, before } = open()
    const attempt = () =>
      store.batch(() => {
        everything(store)
        // Whoever catches it cannot go on as if nothing had been.
        try {
          write(store, 'ADDED', 'refused')
        } catch {}
        try {
          write(store, 'ADDED', 'too-late')
        } catch {}
      })
    expect(attempt).toThrow(DataFileError)
    expect(state(store)).toEqual(before)
    expect(told).toEqual([])
    const [there, back] = [followed.slice(0, followed.length / 2), followed.slice(followed.length / 2)]
    expect(there.slice(0, 6)).toEqual([
      'MODIFIED kept@3 was 1',
      'DELETED gone@4 was 2',
      'ADDED gone@5 was absent',
      'ADDED new@6 was absent',
      'MODIFIED new@7 was 6',
      'DELETED new@8 was 7',
    ])
    expect(back.slice(-6)).toEqual([
      'ADDED new@7 was absent',
      'MODIFIED new@6 was 7',
      'DELETED new@6 was 6',
      'DELETED gone@5 was 5',
      'ADDED gone@2 was absent',
      'MODIFIED kept@1 was 3',
    ])
    store.batch(() => everything(store))
    expect(told).toHaveLength(6)
    const expected = state(store)
    store.close()
    const again = openStore({ path, now: () => 0 })
    expect(state(again)).toEqual(expected)
    again.close()
  })
})

it('a batch whose work throws has not happened', () => {
  const store = openStore({ path: ':memory:', now: () => 0 })
  write(store, 'ADDED', 'kept')
  write(store, 'ADDED', 'gone')
  const before = state(store)
  expect(() =>
    store.batch(() => {
      everything(store)
      throw new Error('a mistake')
    }),
  ).toThrow('a mistake')
  expect(state(store)).toEqual(before)
  store.close()
})

it('listeners hear of a batch when it is in the file', () => {
  const store = openStore({ path: ':memory:', now: () => 0 })
  const told: string[] = []
  store.watch(({ type, stored }) => told.push(`${type} ${stored.name}`))
  store.batch(() => {
    write(store, 'ADDED', 'x')
    store.batch(() => write(store, 'MODIFIED', 'x'))
    expect(told).toEqual([])
  })
  expect(told).toEqual(['ADDED x', 'MODIFIED x'])
  store.close()
})

it('a past that cannot be removed costs no write, and brings nothing back to life', () => {
  const path = newFile()
  refuseRemoval(path, 'OLD.revision = 1')
  let now = 0
  const store = openStore({ path, now: () => now })
  const told: string[] = []
  store.watch(({ type, stored }) => told.push(`${type} ${stored.name}`))
  write(store, 'ADDED', 'x')
  write(store, 'DELETED', 'x')
  for (let count = 0; count < 10; count++) {
    now += historyLimits.ageMillisMax + 1
    write(store, 'ADDED', `later-${count}`)
  }
  expect(told).toHaveLength(12)
  const items = shown(store)
  const { revision } = store
  store.close()
  const again = openStore({ path, now: () => now })
  expect([again.revision, shown(again)]).toEqual([revision, items])
  again.close()
  mend(path)
  const mended = openStore({ path, now: () => now })
  for (let count = 0; count < 5; count++) write(mended, 'MODIFIED', 'later-0')
  expect(shown(mended)).toHaveLength(10)
  mended.close()
  const database = connect(path)
  expect(readValue(database, "SELECT count(*) FROM log WHERE name = 'x'")).toBe(0)
  database.close()
})
