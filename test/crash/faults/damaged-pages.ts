// A page of the file goes bad, wherever it is: rows, index, schema, what is free. Nothing that was never written may be taken for truth.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import type { KubeObject, Plain } from '../../../src/machinery/index.js'
import { DataFileError, openStore, type Store } from '../../../src/storage/index.js'
import type { Chance } from '../../support/chance.js'
import type { Checks } from '../checks.js'
import { copyFile } from '../file-inspection.js'
import { bytesOf, change, pageSpoils } from './spoiling.js'

const objects = 200
const resource = 'v1/configmaps'
const historyLimits = { ageMillisMax: 60_000, eventsMax: 100, bytesMax: 10_000_000 }
// A row that fits a page, one that fills it, and one that runs over several.
const lengths = [10, 200, 3000, 9000]
const promise = (where: string, how: string) => `a page ${where} that ${how} is found and refused, and stays as it is, or held nothing`

export async function damagedPages({ folder, checks, next, count }: { folder: string; checks: Checks; next: Chance; count: number }): Promise<void> {
  const [closed, left, spoiled] = ['closed.db', 'left.db', 'spoiled.db'].map((name) => join(folder, `pages-${name}`))
  const content = fill(closed, left)
  for (const [where, from] of [
    ['of a file that was closed', closed],
    ['of a file that was left by a killed process', left],
  ]) {
    for (const [how, spoil] of Object.entries(pageSpoils)) {
      for (let time = 0; time < count; time++) {
        copyFile(from, spoiled)
        change(spoiled, (bytes) => spoil(bytes, next))
        look(spoiled, promise(where, how))
        await breath()
      }
    }
  }

  function look(path: string, name: string): void {
    const before = bytesOf(path)
    let store: Store
    try {
      store = open(path)
    } catch (error) {
      const isClear =
        error instanceof DataFileError &&
        !error.message.includes('\n') &&
        /is (?:damaged \(.+\)|not a SQLite file|a SQLite file of another|written by a newer)/.test(error.message)
      checks.hold(name, isClear && bytesOf(path) === before, () => `${bytesOf(path) === before ? '' : 'changed: '}${(error as Error).stack}`)
      return
    }
    const found = contentOf(store)
    checks.hold(name, found === content, () => 'it opens with what was never written')
    store.close()
  }
}

/** One file closed in order, and one with a part of it still beside it, of the same content. */
function fill(closed: string, left: string): string {
  const store = open(closed)
  for (let index = 0; index < objects; index++) write(store, 'ADDED', index)
  for (let index = 0; index < objects; index += 3) write(store, 'MODIFIED', index)
  for (let index = 0; index < objects; index += 7) write(store, 'DELETED', index)
  const content = contentOf(store)
  for (const suffix of ['', '-wal']) cpSync(`${closed}${suffix}`, `${left}${suffix}`)
  store.close()
  return content
}

function open(path: string): Store {
  return openStore({ path, now: () => 0, historyLimits })
}

function write(store: Store, type: 'ADDED' | 'MODIFIED' | 'DELETED', index: number): void {
  const key = { namespace: 'a', name: `object-${index}` }
  const value = `${store.nextRevision} `.repeat(lengths[(index + store.nextRevision) % lengths.length] / 4)
  const object: KubeObject & Plain = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { ...key, resourceVersion: `${store.nextRevision}` }, data: { value } }
  store.append([{ type, resource, key, object }])
}

function contentOf(store: Store): string {
  const events = store.after(store.compactedRevision)
  return JSON.stringify([
    store.revision,
    store.compactedRevision,
    store.list(resource).map(({ line }) => line.toString()),
    events === 'compacted' ? events : events.map(({ type, revision, time }) => [type, revision, time]),
  ])
}
