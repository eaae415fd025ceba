import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { objectBytesMax, openStore, type Store, type StoreOptions } from '../../src/storage/index.js'

const resource = 'v1/configmaps'
const keptBytesMax = 1000

function open(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({ path: ':memory:', now: () => 0, keptBytesMax, ...options })
  onTestFinished(() => store.close())
  return store
}

function write(store: Store, type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, text = 'x'.repeat(600)) {
  const metadata = { name, namespace: 'a', resourceVersion: String(store.nextRevision) }
  return store.append([{ type, resource, key: { namespace: 'a', name }, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { text } } as never }])
}

/** Whether there is room for the line of one object of two. */
function hasRoom(store: Store): boolean {
  write(store, 'ADDED', 'last')
  const stored = store.get(resource, { namespace: 'a', name: 'last' })
  const line = stored?.line
  return line !== undefined && line === stored?.line
}

it('what was refused for its size takes no room', () => {
  const store = open({ keptBytesMax: objectBytesMax + 500 })
  for (let count = 0; count < 3; count++) expect(write(store, 'ADDED', 'large', 'x'.repeat(objectBytesMax))).toMatchObject({ refused: 'too large' })
  expect(hasRoom(store)).toBe(true)
})

it('nor what was taken back', () => {
  const store = open()
  const undone = () =>
    store.batch(() => {
      write(store, 'ADDED', 'undone')
      store.get(resource, { namespace: 'a', name: 'undone' })?.line.toString()
      throw new Error('undone')
    })
  expect(undone).toThrow('undone')
  expect(hasRoom(store)).toBe(true)
})

it('nor what a file holds of the past', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'state.db')
  const first = openStore({ path, now: () => 0 })
  write(first, 'ADDED', 'past')
  write(first, 'MODIFIED', 'past', 'short')
  write(first, 'ADDED', 'gone')
  write(first, 'DELETED', 'gone')
  first.close()
  const store = open({ path })
  for (const { stored, old } of store.after(0) as Exclude<ReturnType<Store['after']>, 'compacted'>) for (const each of [old, stored]) each?.line.toString()
  expect(hasRoom(store)).toBe(true)
})
