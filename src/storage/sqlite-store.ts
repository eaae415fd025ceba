// The store on SQLite: in memory by default, in a file on request, one engine for both.
import type Database from 'better-sqlite3'
import { deepFreeze, type KubeObject, type ObjectKey, printJSON } from '../machinery/index.js'
import { Collection } from './collection.js'
import { History, type HistoryLimits } from './history.js'
import { damagedFile, openDatabase, unwritableFile } from './migrate.js'
import {
  type AppendResult,
  objectBytesMax,
  type SnapshotChange,
  type Store,
  type Stored,
  type StoreListener,
  type WatchEvent,
  type WatchEventType,
  type Write,
} from './store.js'

export interface SqliteStoreOptions {
  /** A file, created if absent, or `:memory:`. */
  path: string
  /** Milliseconds since the epoch. */
  now(): number
  historyLimits?: HistoryLimits
  /** Freeze stored objects deeply, so that a mistake shows at once. Costs about 9 µs an object. */
  freezes?: boolean
}

interface Row {
  revision: number
  time: number
  type: number
  resource: string
  namespace: string
  name: string
  object: Buffer
}

const typeNames: Record<number, WatchEventType> = { 1: 'ADDED', 2: 'MODIFIED', 3: 'DELETED' }
const opposites = { ADDED: 'DELETED', MODIFIED: 'MODIFIED', DELETED: 'ADDED' } as const
const typeNumbers: Record<WatchEventType, number> = { ADDED: 1, MODIFIED: 2, DELETED: 3 }

/** @throws {DataFileError} when the file is not ours, taken, damaged, or newer than this program */
export function openSqliteStore(options: SqliteStoreOptions): Store {
  const database = openDatabase(options.path)
  try {
    return new SqliteStore(database, options)
  } catch (error) {
    database.close()
    throw damagedFile(error, options.path)
  }
}

/** Appends that stand or fall together. */
interface Batch {
  events: WatchEvent[]
  failure?: Error
}

class SqliteStore implements Store {
  readonly #database: Database.Database
  readonly #options: SqliteStoreOptions
  readonly #insert: Database.Statement
  readonly #remove: Database.Statement
  readonly #compacted: Database.Statement
  readonly #transaction: (work: () => void) => void
  readonly #collections = new Map<string, Collection>()
  readonly #listeners = new Set<StoreListener>()
  readonly #followers = new Set<(change: SnapshotChange) => void>()
  readonly #history: History
  /** Taken from the history, but still in the file. */
  #overdue: WatchEvent[] = []
  #batch: Batch | undefined
  #revision = 0

  constructor(database: Database.Database, options: SqliteStoreOptions) {
    this.#database = database
    this.#options = options
    this.#insert = database.prepare('INSERT INTO log (revision, time, type, resource, namespace, name, object) VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM log WHERE revision = ?')
    this.#compacted = database.prepare("INSERT INTO fact (name, value) VALUES ('compacted', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    this.#transaction = database.transaction((work: () => void) => work())
    const compacted = database.prepare("SELECT value FROM fact WHERE name = 'compacted'").pluck().get() as number | undefined
    this.#history = new History(compacted ?? 0, options.historyLimits)
    this.#load(compacted ?? 0)
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

  listAt(revision: number, resource: string, namespace?: string): Stored[] | 'compacted' {
    const events = this.#history.after(revision)
    if (events === 'compacted') return 'compacted'
    const past = new Map<string, Stored | undefined>()
    // The oldest event of an object after the revision knows what stood before it.
    for (const { stored, old } of events) {
      const path = `${stored.namespace}/${stored.name}`
      if (stored.resource === resource && !past.has(path)) past.set(path, old)
    }
    if (!past.size) return this.list(resource, namespace)
    const collection = new Collection()
    for (const stored of this.list(resource, namespace)) if (!past.has(`${stored.namespace}/${stored.name}`)) collection.set(stored)
    for (const old of past.values()) if (old && (!namespace || old.namespace === namespace)) collection.set(old)
    return collection.list()
  }

  after(revision: number): readonly WatchEvent[] | 'compacted' {
    return this.#history.after(revision)
  }

  append(writes: readonly Write[]): AppendResult {
    for (const write of writes) {
      const exists = this.get(write.resource, write.key) !== undefined
      if (exists === (write.type === 'ADDED')) return { refused: exists ? 'exists' : 'absent', write }
    }
    const time = this.#options.now()
    const events = writes.map((write, index) => this.#eventOf(write, this.#revision + 1 + index, time))
    const oversized = events.findIndex(({ type, stored }) => type !== 'DELETED' && stored.json.length > objectBytesMax)
    if (oversized >= 0) return { refused: 'too large', write: writes[oversized] }
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
        this.#transaction(() => {
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
    this.#database.close()
  }

  #insertRows(events: readonly WatchEvent[]): void {
    const insert = () => {
      for (const event of events) this.#insertRow(event)
    }
    // One failure may have ended the transaction: what came after it would stand alone.
    if (this.#batch?.failure) throw this.#batch.failure
    try {
      this.#writing(() => (this.#batch || events.length === 1 ? insert() : this.#transaction(insert)))
    } catch (error) {
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

  #eventOf(write: Write, revision: number, time: number): WatchEvent {
    const { type, resource, key } = write
    const object = this.#options.freezes ? deepFreeze(write.object) : write.object
    const stored: Stored = { resource, namespace: key.namespace, name: key.name, revision, object, json: Buffer.from(printJSON(object)) }
    return { type, revision, time, stored, old: this.get(resource, key) }
  }

  #insertRow({ revision, time, type, stored }: WatchEvent): void {
    this.#insert.run(revision, time, typeNumbers[type], stored.resource, stored.namespace, stored.name, stored.json)
  }

  #advance(event: WatchEvent): void {
    this.#revision = event.revision
    const collection = this.#collectionOf(event.stored.resource)
    if (event.type === 'DELETED') collection.delete(event.stored)
    else collection.set(event.stored)
    this.#history.add(event)
    for (const listener of this.#followers) listener(event)
  }

  /** The snapshot is again what it was before these events. */
  #undo(events: readonly WatchEvent[]): void {
    this.#history.takeBack(events.length)
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
    this.#overdue.push(...this.#history.compact(now, writes))
    if (!this.#overdue.length) return
    try {
      this.#transaction(() => this.#removeOverdue())
      this.#overdue = []
    } catch {
      // No write is lost by that: the rows go with the next ones, in order, so that none outlives the one that deletes its object.
    }
  }

  #removeOverdue(): void {
    for (const { type, revision, old } of this.#overdue) {
      // The row this one superseded is needed no more, nor is the row of a deletion.
      if (old) this.#remove.run(old.revision)
      if (type === 'DELETED') this.#remove.run(revision)
    }
    this.#compacted.run(this.#history.compactedRevision)
  }

  /** @throws {SyntaxError} for what nobody wrote */
  #load(compacted: number): void {
    let next = compacted + 1
    for (const row of this.#database.prepare('SELECT * FROM log ORDER BY revision').iterate() as IterableIterator<Row>) {
      const event = this.#eventOfRow(row)
      this.#revision = event.revision
      const collection = this.#collectionOf(row.resource)
      if (event.type === 'DELETED') collection.delete(event.stored)
      else collection.set(event.stored)
      if (event.revision <= compacted) continue
      if (event.revision !== next++) throw new SyntaxError(`revision ${next - 1} is missing`)
      this.#history.add(event)
    }
    this.#revision = Math.max(this.#revision, compacted)
  }

  #eventOfRow({ revision, time, type, resource, namespace, name, object: json }: Row): WatchEvent {
    const object = JSON.parse(json.toString()) as KubeObject
    const stored: Stored = { resource, namespace, name, revision, object: this.#options.freezes ? deepFreeze(object) : object, json }
    return { type: typeNames[type], revision, time, stored, old: this.get(resource, { namespace, name }) }
  }
}
