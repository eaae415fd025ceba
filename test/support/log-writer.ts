// Writes to a log without end, and says which revision is done: what tests of crashes kill.
import { writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { openStore, type Store, type WatchEventType } from '../../src/storage/index.js'

const resource = 'v1/configmaps'
export const writerLimits = { ageMillisMax: 60_000, eventsMax: 7, bytesMax: 1_000_000 }

/** What the write of a revision does follows from the revision alone. */
export function writeNext(store: Store): void {
  const revision = store.nextRevision
  const key = { namespace: 'a', name: `object-${(revision * 7919) % 13}` }
  const type: WatchEventType = store.get(resource, key) ? (revision % 3 ? 'MODIFIED' : 'DELETED') : 'ADDED'
  store.append([{ type, resource, key, object: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { ...key, resourceVersion: `${revision}` } } }])
}

/** Every third time many writes in one transaction, as controllers write. */
function writeOn(store: Store): void {
  if (store.revision % 3) writeNext(store)
  else
    store.batch(() => {
      for (let count = 0; count < 5; count++) writeNext(store)
    })
}

/** The reader may be slow, and the pipe full. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const store = openStore({ path: process.argv[2], now: () => 0, historyLimits: writerLimits })
  for (;;) {
    writeOn(store)
    say(`${store.revision}\n`)
  }
}
