// The journal in a SQLite file: one row a revision.
import { crc32 } from 'node:zlib'
import type { Statement } from 'better-sqlite3'
import type { KubeObject } from '../machinery/index.js'
import { type Connection, iterate, prepare, readValue } from './connection.js'
import type { Journal, Row } from './journal.js'
import type { KeptLines } from './kept-lines.js'
import { damagedFile, openForReading, schemaOf, takeOwnership, usedFile } from './migrate.js'
import type { WatchEvent, WatchEventType } from './store.js'
import { StoredObject } from './stored-object.js'

interface Columns {
  revision: number
  time: number
  type: number
  resource: string
  namespace: string
  name: string
  object: string
  /** Absent in rows that were written before there was one. */
  checksum?: number | null
}

// The object as a text: a Buffer for each is more work for the collector than all the rest. Files of the first schema have no checksums.
const everyRow = (schema: number) =>
  `SELECT revision, time, type, resource, namespace, name, CAST(object AS TEXT) AS object, ${schema > 1 ? 'checksum' : 'NULL AS checksum'} FROM log ORDER BY revision`

const typeNames: Record<number, WatchEventType> = { 1: 'ADDED', 2: 'MODIFIED', 3: 'DELETED' }
const typeNumbers: Record<WatchEventType, number> = { ADDED: 1, MODIFIED: 2, DELETED: 3 }

/** @throws {DataFileError} when the file is not ours, taken, damaged, or newer than this program */
export function openSqliteJournal(path: string): Journal {
  const database = openForReading(path)
  try {
    return new SqliteJournal(database, path)
  } catch (error) {
    database.close()
    throw damagedFile(error, path)
  }
}

interface Statements {
  insert: Statement
  remove: Statement
  compact: Statement
  transaction: (work: () => void) => void
}

class SqliteJournal implements Journal {
  readonly compacted: number
  readonly #path: string
  #database: Connection
  #statements: Statements | undefined

  constructor(database: Connection, path: string) {
    this.#database = database
    this.#path = path
    this.compacted = compactedOf(database)
  }

  *rows(lines: KeptLines): Generator<Row> {
    const schema = schemaOf(this.#database)
    if (schema === 0) return
    for (const row of iterate(this.#database, everyRow(schema)) as IterableIterator<Columns>) yield readRow(row, lines)
    // What a row cannot show: that one is missing, or stands where nobody looks.
    const found = readValue(this.#database, 'PRAGMA quick_check(1)') as string
    if (found !== 'ok') throw new SyntaxError(found.split('\n').at(-1))
  }

  own(newest: number): void {
    this.#database = takeOwnership(this.#database, this.#path)
    this.#statements = prepareAll(this.#database)
    // Between reading and owning somebody else may have come and gone.
    const last = readValue(this.#database, 'SELECT max(revision) FROM log') as number | null
    const compacted = compactedOf(this.#database)
    if (Math.max(last ?? 0, compacted) !== newest || compacted !== this.compacted) throw usedFile(this.#path)
  }

  write({ revision, time, type, stored }: WatchEvent): void {
    const { resource, namespace, name, line } = stored
    const json = line.subarray(0, -1)
    const row = { revision, time, type: typeNumbers[type], resource, namespace, name, object: json }
    this.#owned.insert.run(revision, time, row.type, resource, namespace, name, json, checksumOf(row))
  }

  forget(revisions: readonly number[], compacted: number): void {
    for (const revision of revisions) this.#owned.remove.run(revision)
    this.#owned.compact.run(compacted)
  }

  transaction(work: () => void): void {
    this.#owned.transaction(work)
  }

  close(): void {
    this.#database.close()
  }

  get #owned(): Statements {
    if (!this.#statements) throw new Error('nothing is written before the file is owned')
    return this.#statements
  }
}

function prepareAll(database: Connection): Statements {
  return {
    insert: prepare(database, 'INSERT INTO log (revision, time, type, resource, namespace, name, object, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    remove: prepare(database, 'DELETE FROM log WHERE revision = ?'),
    compact: prepare(database, "INSERT INTO fact (name, value) VALUES ('compacted', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"),
    transaction: database.transaction((work: () => void) => work()),
  }
}

function compactedOf(database: Connection): number {
  if (schemaOf(database) === 0) return 0
  return (readValue(database, "SELECT value FROM fact WHERE name = 'compacted'") as number | undefined) ?? 0
}

/** @throws {SyntaxError} for what nobody wrote */
function readRow(row: Columns, lines: KeptLines): Row {
  const { revision, time, resource, object: json, checksum } = row
  if (!isComplete(row)) throw new SyntaxError(`revision ${revision} is not as it was written`)
  const isAsWritten = checksum === checksumOf(row)
  // What is as it was written can be parsed when somebody wants it.
  const source = isAsWritten ? json : (JSON.parse(json) as KubeObject)
  if (!isAsWritten && typeof checksum === 'number') throw new SyntaxError(`revision ${revision} is not as it was written`)
  return { type: typeNames[row.type], revision, time, stored: new StoredObject(resource, row, revision, source, { size: json.length, lines }) }
}

/** SQLite holds to the types of columns when it writes, and reads whatever is there. */
function isComplete({ time, type, resource, namespace, name, object }: Columns): boolean {
  const areTexts = [resource, namespace, name, object].every((text) => typeof text === 'string')
  return areTexts && typeof time === 'number' && typeNames[type] !== undefined
}

function checksumOf({ revision, time, type, resource, namespace, name, object }: Omit<Columns, 'checksum' | 'object'> & { object: string | Buffer }): number {
  return crc32(object, crc32(`${revision} ${time} ${type} ${resource} ${namespace}/${name}`))
}
