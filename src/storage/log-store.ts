// The store: the log with what follows from it in memory, and a journal when it is kept in a file.
import { deepFreeze, type ObjectKey, roughJSONGrowth } from '../machinery/index.js'
import { Alike } from './alike.js'
import { Collection } from './collection.js'
import { History, type HistoryLimits } from './history.js'
import { type Journal, noJournal } from './journal.js'
import { KeptLines } from './kept-lines.js'
import { damagedFile, unwritableFile } from './migrate.js'
import { listBefore, PastLists } from './past-lists.js'
import { openSqliteJournal } from './sqlite-journal.js'
import { type AppendResult, objectBytesMax, type SnapshotChange, type Store, type Stored, type StoreListener, type WatchEvent, type Write } from './store.js'
import { StoredObject } from './stored-object.js'

export interface StoreOptions {
  /** A SQLite file, created if absent, or `:memory:`. */
  path: string
  /** Milliseconds since the epoch. */
  now(): number
  historyLimits?: HistoryLimits
  /** Bytes of printed objects that are kept for those who ask again. */
  keptBytesMax?: number
  /** Freeze stored objects deeply, so that a mistake shows at once. Costs about 9 µs an object. */
  freezes?: boolean
}

const opposites = { ADDED: 'DELETED', MODIFIED: 'MODIFIED', DELETED: 'ADDED' } as const

/** @throws {DataFileError} when the file is not ours, taken, damaged, or newer than this program */
export function openStore(options: StoreOptions): Store {
  const journal = options.path === ':memory:' ? noJournal : openSqliteJournal(options.path)
  try {
    return new LogStore(journal, options)
  } catch (error) {
    journal.close()
    throw damagedFile(error, options.path)
  }
}

/** Appends that stand or fall together. */
interface Batch {
  events: WatchEvent[]
  failure?: Error
}

class LogStore implements Store {
  readonly #journal: Journal
  readonly #options: StoreOptions
  readonly #collections = new Map<string, Collection>()
  readonly #listeners = new Set<StoreListener>()
  readonly #followers = new Set<(change: SnapshotChange) => void>()
  readonly #history: History
  readonly #alike = new Alike()
  readonly #lines: KeptLines
  readonly #pastLists = new PastLists()
  /** Revisions that the history has let go, and the journal not yet. */
  #overdue: number[] = []
  /** Up to where the journal knows what has been let go. */
  #forgotten: number
  #batch: Batch | undefined
  #revision = 0

  constructor(journal: Journal, options: StoreOptions) {
    this.#journal = journal
    this.#options = options
    this.#lines = new KeptLines(options.keptBytesMax)
    this.#history = new History(journal.compacted, options.historyLimits)
    this.#forgotten = journal.compacted
    this.#load(journal.compacted)
    journal.own(this.#revision)
  }

  get revision(): number {
    return this.#revision
  }

  get nextRevision(): number {
    return this.#revision + 1
  }

  get compactedRevision(): number {
    return this.#history.compactedRevision
  }

  get(resource: string, key: ObjectKey): Stored | undefined {
    return this.#collections.get(resource)?.get(key)
  }

  list(resource: string, namespace?: string): Stored[] {
    return this.#collections.get(resource)?.list(namespace) ?? []
  }

  count(resource: string): number {
    return this.#collections.get(resource)?.size ?? 0
  }

  listAt(revision: number, resource: string, namespace = ''): readonly Stored[] | 'compacted' {
    if (revision < this.compactedRevision) return 'compacted'
    const isInside = (stored: Stored) => stored.resource === resource && (!namespace || stored.namespace === namespace)
    return this.#pastLists.get(revision, resource, namespace, () =>
      listBefore(this.#history.after(revision) as readonly WatchEvent[], this.list(resource, namespace), isInside),
    )
  }

  after(revision: number): readonly WatchEvent[] | 'compacted' {
    return this.#history.after(revision)
  }

  append(writes: readonly Write[]): AppendResult {
    const time = this.#options.now()
    const events: WatchEvent[] = []
    for (const write of writes) {
      const old = this.#standing(write, events)
      if ((old !== undefined) === (write.type === 'ADDED')) return { refused: old ? 'exists' : 'absent', write }
      const event = this.#eventOf(write, { revision: this.#revision + 1 + events.length, time, old })
      events.push(event)
      if (write.type !== 'DELETED' && event.stored.isLongerThan(objectBytesMax)) {
        forgetStates(events)
        return { refused: 'too large', write }
      }
    }
    this.#insertRows(events)
    for (const event of events) this.#advance(event)
    if (this.#batch) this.#batch.events.push(...events)
    else this.#publish(events)
    return { appended: events }
  }

  batch<Result>(work: () => Result): Result {
    if (this.#batch) return work()
    const batch: Batch = { events: [] }
    this.#batch = batch
    let result: Result | undefined
    try {
      this.#writing(() =>
        this.#journal.transaction(() => {
          result = work()
          if (batch.failure) throw batch.failure
        }),
      )
    } catch (error) {
      this.#undo(batch.events)
      throw error
    } finally {
      this.#batch = undefined
    }
    this.#publish(batch.events)
    return result as Result
  }

  watch(listener: StoreListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  follow(listener: (change: SnapshotChange) => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  close(): void {
    this.#listeners.clear()
    this.#followers.clear()
    this.#journal.close()
  }

  /** What a write finds: of several at once the later ones find what the earlier ones leave. */
  #standing({ resource, key: { namespace, name } }: Write, before: readonly WatchEvent[]): Stored | undefined {
    for (let index = before.length - 1; index >= 0; index--) {
      const { type, stored } = before[index]
      if (stored.name === name && stored.namespace === namespace && stored.resource === resource) return type === 'DELETED' ? undefined : stored
    }
    return this.get(resource, { namespace, name })
  }

  #insertRows(events: readonly WatchEvent[]): void {
    const insert = () => {
      for (const event of events) this.#journal.write(event)
    }
    // One failure may have ended the transaction: what came after it would stand alone.
    if (this.#batch?.failure) throw this.#batch.failure
    try {
      this.#writing(() => (this.#batch || events.length === 1 ? insert() : this.#journal.transaction(insert)))
    } catch (error) {
      forgetStates(events)
      if (this.#batch) this.#batch.failure = error as Error
      throw error
    }
  }

  #writing(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw unwritableFile(error, this.#options.path)
    }
  }

  #eventOf({ type, resource, key, object }: Write, { revision, time, old }: Pick<WatchEvent, 'revision' | 'time' | 'old'>) {
    const shared = this.#alike.sharing(resource, type, object, old?.object)
    const size = old && old.size + roughJSONGrowth(old.object, shared)
    const standing = this.#options.freezes ? deepFreeze(shared) : shared
    const stored = new StoredObject(resource, key, revision, standing, { size, lines: this.#lines })
    return { type, revision, time, stored, old }
  }

  #advance(event: WatchEvent): void {
    this.#revision = event.revision
    const collection = this.#collectionOf(event.stored.resource)
    if (event.type === 'DELETED') collection.delete(event.stored)
    else collection.set(event.stored)
    event.old?.supersede()
    if (event.type === 'DELETED') event.stored.supersede()
    this.#history.add(event)
    for (const listener of this.#followers) listener(event)
  }

  /** The snapshot is again what it was before these events. */
  #undo(events: readonly WatchEvent[]): void {
    this.#history.takeBack(events.length)
    forgetStates(events)
    for (const { type, stored, old, revision } of [...events].reverse()) {
      this.#revision = revision - 1
      if (old) this.#collectionOf(old.resource).set(old)
      else this.#collectionOf(stored.resource).delete(stored)
      const opposite = opposites[type]
      const change = { type: opposite, stored: old ?? stored, old: opposite === 'ADDED' ? undefined : stored }
      for (const listener of this.#followers) listener(change)
    }
  }

  #publish(events: readonly WatchEvent[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event)
    const last = events.at(-1)
    if (last) this.#compact(last.time, events.length)
  }

  #collectionOf(resource: string): Collection {
    let collection = this.#collections.get(resource)
    if (!collection) {
      collection = new Collection()
      this.#collections.set(resource, collection)
    }
    return collection
  }

  #compact(now: number, writes: number): void {
    for (const { type, revision, old } of this.#history.compact(now, writes)) {
      // The row this one superseded is needed no more, nor is the row of a deletion.
      if (old) this.#overdue.push(old.revision)
      if (type === 'DELETED') this.#overdue.push(revision)
    }
    const { compactedRevision } = this.#history
    if (compactedRevision === this.#forgotten) return
    this.#pastLists.forgetBefore(compactedRevision)
    try {
      this.#journal.transaction(() => this.#journal.forget(this.#overdue, compactedRevision))
      this.#overdue = []
      this.#forgotten = compactedRevision
    } catch {
      // No write is lost by that: the rows go with the next ones, in order, so that none outlives the one that deletes its object.
    }
  }

  /** @throws {SyntaxError} for what nobody wrote */
  #load(compacted: number): void {
    let next = compacted + 1
    for (const row of this.#journal.rows(this.#lines)) {
      const { type, revision, stored } = row
      if (this.#options.freezes) deepFreeze(stored.object)
      const event: WatchEvent = { ...row, old: this.get(stored.resource, stored) }
      this.#revision = revision
      const collection = this.#collectionOf(stored.resource)
      event.old?.supersede()
      if (type === 'DELETED') {
        stored.supersede()
        collection.delete(stored)
      } else collection.set(stored)
      if (revision <= compacted) continue
      if (revision !== next++) throw new SyntaxError(`revision ${next - 1} is missing`)
      this.#history.add(event)
    }
    this.#revision = Math.max(this.#revision, compacted)
  }
}

/** They never came to be: nothing is kept of them. */
function forgetStates(events: readonly WatchEvent[]): void {
  for (const { stored } of events) stored.supersede()
}
