// Opens the file: is it ours, is its schema one we know; then, when all in it is read, is it free, and the migrations it still lacks.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, connect, readValue } from './connection.js'

/** The file cannot be used, with the way out. The message is one line for a person. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError'
}

// 'kdbl': marks a SQLite file as ours (PRAGMA application_id).
const applicationID = 0x6b64626c

/**
 * Opens the file to be read. Whoever finds then that it cannot be used has changed nothing of it, nor of what a killed process left beside it.
 * @throws {DataFileError}
 */
export function openForReading(path: string): Connection {
  if (hasLeftovers(path)) {
    try {
      // A connection that may write would move them into the file when it is closed.
      return open(path, { isReadOnly: true })
    } catch (error) {
      // Not every file system lets a reader share memory with others.
      if (!isOfReaders(error)) throw error
    }
  }
  return open(path, { isReadOnly: false })
}

/**
 * From now on the file belongs to this process, and has the schema of this program.
 * @returns the connection to go on with @throws {DataFileError}
 */
export function takeOwnership(reading: Connection, path: string): Connection {
  if (reading.readonly) reading.close()
  const database = reading.readonly ? open(path, { isReadOnly: false }) : reading
  try {
    database.exec('PRAGMA journal_mode = WAL')
    // What was acknowledged survives the end of the process; only a power cut may take the last moments.
    database.exec('PRAGMA synchronous = NORMAL')
    database.exec('BEGIN IMMEDIATE; COMMIT')
    migrate(database)
  } catch (error) {
    database.close()
    throw asDataFileError(error, path)
  }
  // The memory that readers share is not used by the one process that owns the file.
  rmSync(`${path}-shm`, { force: true })
  return database
}

function open(path: string, { isReadOnly }: { isReadOnly: boolean }): Connection {
  let database: Connection | undefined
  try {
    database = connect(path, { timeout: 0, readonly: isReadOnly })
    // One process owns the file as long as it runs.
    if (!isReadOnly) database.exec('PRAGMA locking_mode = EXCLUSIVE')
    const isForeign = readValue(database, 'PRAGMA application_id') !== applicationID && hasTables(database)
    if (isForeign) throw new DataFileError(`${path} is a SQLite file of another program: name another file with --data`)
    refuseNewer(schemaOf(database), path)
    return database
  } catch (error) {
    database?.close()
    throw asDataFileError(error, path)
  }
}

function hasLeftovers(path: string): boolean {
  try {
    return statSync(`${path}-wal`).size > 0
  } catch {
    // What is wrong with such a path SQLite says better.
    return false
  }
}

function isOfReaders(error: unknown): boolean {
  return /^SQLITE_(?:IOERR|CANTOPEN|READONLY)/.test(((error as Error).cause as { code?: string } | undefined)?.code ?? '')
}

function hasTables(database: Connection): boolean {
  return readValue(database, 'SELECT 1 FROM sqlite_schema LIMIT 1') !== undefined
}

/** How many migrations the file has seen. */
export function schemaOf(database: Connection): number {
  return readValue(database, 'PRAGMA user_version') as number
}

function refuseNewer(schema: number, path: string): void {
  const known = readMigrations().length
  if (schema <= known) return
  throw new DataFileError(
    `${path} was written by a newer kubedouble (schema ${schema}, this one knows ${known}): use that one, or name another file with --data`,
  )
}

function migrate(database: Connection): void {
  const migrations = readMigrations()
  const schema = schemaOf(database)
  if (schema === migrations.length) return
  database.transaction(() => {
    for (const migration of migrations.slice(schema)) database.exec(migration)
    database.exec(`PRAGMA application_id = ${applicationID}`)
    database.exec(`PRAGMA user_version = ${migrations.length}`)
  })()
}

function readMigrations(): string[] {
  const folder = findMigrations(dirname(fileURLToPath(import.meta.url)))
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
}

// They stand at the top of the package, above sources and bundle alike.
function findMigrations(from: string): string {
  const folder = join(from, 'migrations')
  if (existsSync(folder)) return folder
  if (dirname(from) === from) throw new Error('the package has no migrations folder')
  return findMigrations(dirname(from))
}

/** What SQLite says while it writes, with the way out; any other error as it is. */
export function unwritableFile(error: unknown, path: string): unknown {
  const { code = '', message } = error as { code?: string; message: string }
  if (!code.startsWith('SQLITE_')) return error
  return new DataFileError(`${path} cannot be written (${message}): nothing of this is kept; make room on its disk or mend it, then try again`)
}

/** What is said of a file whose content makes no sense, with the way out; any other error as it is. */
export function damagedFile(error: unknown, path: string): unknown {
  const { code = '', message } = error as { code?: string; message: string }
  if (!code.startsWith('SQLITE_') && !(error instanceof SyntaxError)) return error
  return new DataFileError(damage(path, message))
}

/** Somebody else has the file, or has just had it. */
export function usedFile(path: string): DataFileError {
  return new DataFileError(inUse(path))
}

function asDataFileError(error: unknown, path: string): unknown {
  if (error instanceof DataFileError) return error
  const message = openingProblem(error, path)
  if (message === undefined) return error
  return new DataFileError(message, { cause: error })
}

function openingProblem(error: unknown, path: string): string | undefined {
  const { code = '', message } = error as { code?: string; message: string }
  if (code.startsWith('SQLITE_CORRUPT')) return damage(path, message)
  if (code.startsWith('SQLITE_BUSY')) return inUse(path)
  if (code === 'SQLITE_NOTADB') return `${path} is not a SQLite file: name another file with --data`
  if (code.startsWith('SQLITE_')) return `${path} cannot be opened (${message}): name a file in a folder you may write with --data`
  if (error instanceof TypeError) return `${path} cannot be opened (${message}): name a file in a folder that exists with --data`
  return undefined
}

const damage = (path: string, found: string) => `${path} is damaged (${found}): put a copy in its place, or name another file with --data`
const inUse = (path: string) => `${path} is in use by another process: stop it, or name another file with --data`
