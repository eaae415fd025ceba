// The journal in a SQLite file: one row a revision.
import type Database from 'better-sqlite3'
import type { KubeObject } from '../machinery/index.js'
import type { Journal, Row } from './journal.js'
import { damagedFile, openDatabase } from './migrate.js'
import type { WatchEvent, WatchEventType } from './store.js'
import { StoredObject } from './stored-object.js'

interface Columns {
  revision: number
  time: number
  type: number
  resource: string
  namespace: string
  name: string
  object: Buffer
}

const typeNames: Record<number, WatchEventType> = { 1: 'ADDED', 2: 'MODIFIED', 3: 'DELETED' }
const typeNumbers: Record<WatchEventType, number> = { ADDED: 1, MODIFIED: 2, DELETED: 3 }

/** @throws {DataFileError} when the file is not ours, taken, damaged, or newer than this program */
export function openSqliteJournal(path: string): Journal {
  const database = openDatabase(path)
  try {
    return new SqliteJournal(database)
  } catch (error) {
    database.close()
    throw damagedFile(error, path)
  }
}

class SqliteJournal implements Journal {
  readonly compacted: number
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  readonly #remove: Database.Statement
  readonly #compact: Database.Statement
  readonly #transaction: (work: () => void) => void

  constructor(database: Database.Database) {
    this.#database = database
    this.#insert = database.prepare('INSERT INTO log (revision, time, type, resource, namespace, name, object) VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM log WHERE revision = ?')
    this.#compact = database.prepare("INSERT INTO fact (name, value) VALUES ('compacted', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    this.#transaction = database.transaction((work: () => void) => work())
    this.compacted = (database.prepare("SELECT value FROM fact WHERE name = 'compacted'").pluck().get() as number | undefined) ?? 0
  }

  *rows(): Generator<Row> {
    for (const row of this.#database.prepare('SELECT * FROM log ORDER BY revision').iterate() as IterableIterator<Columns>) {
      const { revision, time, resource, object: json } = row
      const stored = new StoredObject(resource, row, revision, JSON.parse(json.toString()) as KubeObject, json)
      yield { type: typeNames[row.type], revision, time, stored }
    }
  }

  write({ revision, time, type, stored }: WatchEvent): void {
    this.#insert.run(revision, time, typeNumbers[type], stored.resource, stored.namespace, stored.name, stored.json)
  }

  forget(revisions: readonly number[], compacted: number): void {
    for (const revision of revisions) this.#remove.run(revision)
    this.#compact.run(compacted)
  }

  transaction(work: () => void): void {
    this.#transaction(work)
  }

  close(): void {
    this.#database.close()
  }
}
