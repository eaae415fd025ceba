// Watch: what happened after a revision, then what happens, in order and without gaps.
// Upstream: apiserver/pkg/storage/cacher/cacher.go, apiserver/pkg/endpoints/handlers/watch.go
import { type KubeObject, type Status, status } from '../machinery/index.js'
import { type Store, type Stored, StoredObject, type WatchEvent, type WatchEventType } from '../storage/index.js'
import type { ListOptions } from './list.js'
import { parseResourceVersion, tooLargeResourceVersion } from './read.js'
import { type Call, objectOf, type Realm } from './realm.js'
import { type Selection, selectionOf } from './selection.js'

export interface WatchOptions extends ListOptions {
  allowWatchBookmarks?: boolean
  sendInitialEvents?: boolean
}

/** One thing to tell a watcher. */
export type Notice =
  | { type: WatchEventType; stored: Stored }
  /** `isInitialEnd`: everything that existed at the start has been told. */
  | { type: 'BOOKMARK'; revision: number; isInitialEnd: boolean }
  | { type: 'ERROR'; status: Status }

export interface Watching {
  /** Told before anything else, in order. After an ERROR nothing follows. */
  backlog: Notice[]
  /** Begins live notices right after the backlog, which must be taken in the same turn. @returns a function that ends them */
  start(notify: (notice: Notice) => void): () => void
}

/** @throws {StatusError} for what upstream answers before the stream begins */
export function watch(realm: Realm, call: Call, options: WatchOptions): Watching {
  const selection = selectionOf(call.definition, options)
  const asked = parseResourceVersion(options.resourceVersion ?? '')
  const backlog = backlogOf(realm, call, { ...options, selection, asked })
  return {
    backlog,
    start(notify) {
      if (backlog.at(-1)?.type === 'ERROR') return () => {}
      return realm.hub.subscribe({
        resource: call.definition.storedAs.key,
        namespace: call.namespace,
        notify(event) {
          const notice = noticeOf(call, selection, event)
          if (notice) notify(notice)
        },
      })
    },
  }
}

interface Beginning extends WatchOptions {
  selection: Selection
  /** 0: none asked for. */
  asked: number
}

function backlogOf({ store }: Realm, call: Call, beginning: Beginning): Notice[] {
  const { asked, selection } = beginning
  if (asked > store.revision) return [{ type: 'ERROR', status: tooLargeResourceVersion(asked, store.revision) }]
  if (beginning.sendInitialEvents ?? asked === 0) return initialNotices(store, call, beginning)
  if (asked === 0) return []
  const events = store.after(asked)
  if (events === 'compacted') return [{ type: 'ERROR', status: expired(asked, store.compactedRevision + 1) }]
  return events.filter((event) => concerns(call, event)).flatMap((event) => noticeOf(call, selection, event) ?? [])
}

function initialNotices(store: Store, { definition, namespace }: Call, { selection, allowWatchBookmarks }: Beginning): Notice[] {
  const notices: Notice[] = []
  for (const stored of store.list(definition.storedAs.key, namespace)) {
    if (selection.isEverything || selection.matches(objectOf(definition, stored))) notices.push({ type: 'ADDED', stored })
  }
  if (allowWatchBookmarks) notices.push({ type: 'BOOKMARK', revision: store.revision, isInitialEnd: true })
  return notices
}

function expired(asked: number, oldest: number): Status {
  return status.expired(`too old resource version: ${asked} (${oldest})`)
}

function concerns({ definition, namespace }: Call, { stored }: WatchEvent): boolean {
  return stored.resource === definition.storedAs.key && (!namespace || stored.namespace === namespace)
}

/** What a change is to someone who sees only what the selection matches. */
function noticeOf({ definition }: Call, selection: Selection, event: WatchEvent): Notice | undefined {
  if (selection.isEverything) return event
  const { type, stored, old } = event
  const matches = selection.matches(objectOf(definition, stored))
  const matched = old !== undefined && selection.matches(objectOf(definition, old))
  if (type === 'DELETED') return matched ? event : undefined
  if (matches) return matched ? { type: 'MODIFIED', stored } : { type: 'ADDED', stored }
  return matched ? { type: 'DELETED', stored: leaving(event, old) } : undefined
}

/** The last state that matched, at the revision at which it ceased to. Made once for all watchers. */
function leaving(event: WatchEvent, old: Stored): Stored {
  let stored = left.get(event)
  if (!stored) {
    const object: KubeObject = { ...old.object, metadata: { ...old.object.metadata, resourceVersion: String(event.revision) } }
    stored = new StoredObject(old.resource, old, event.revision, object, { size: old.size })
    left.set(event, stored)
  }
  return stored
}

const left = new WeakMap<WatchEvent, Stored>()
