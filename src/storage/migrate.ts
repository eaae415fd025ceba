// Opens the file: is it ours, is it free, is its schema one we know; then the migrations it still lacks.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'

/** The file cannot be used, with the way out. The message is one line for a person. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError'
}

// 'kdbl': marks a SQLite file as ours (PRAGMA application_id).
const applicationID = 0x6b64626c

/** @param path of a file, or `:memory:` @throws {DataFileError} */
export function openDatabase(path: string): Database.Database {
  let database: Database.Database | undefined
  try {
    database = new Database(path, { timeout: 0 })
    // One process owns the file as long as it runs.
    database.pragma('locking_mode = EXCLUSIVE')
    const isForeign = database.pragma('application_id', { simple: true }) !== applicationID && hasTables(database)
    if (isForeign) throw new DataFileError(`${path} is a SQLite file of another program: name another file with --data`)
    database.pragma('journal_mode = WAL')
    // What was acknowledged survives the end of the process; only a power cut may take the last moments.
    database.pragma('synchronous = NORMAL')
    database.exec('BEGIN IMMEDIATE; COMMIT')
    migrate(database, path)
    return database
  } catch (error) {
    database?.close()
    throw asDataFileError(error, path)
  }
}

function hasTables(database: Database.Database): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined
}

function migrate(database: Database.Database, path: string): void {
  const version = database.pragma('user_version', { simple: true }) as number
  const migrations = readMigrations()
  if (version > migrations.length) {
    throw new DataFileError(
      `${path} was written by a newer kubedouble (schema ${version}, this one knows ${migrations.length}): use that one, or name another file with --data`,
    )
  }
  if (version === migrations.length) return
  database.transaction(() => {
    for (const migration of migrations.slice(version)) database.exec(migration)
    database.pragma(`application_id = ${applicationID}`)
    database.pragma(`user_version = ${migrations.length}`)
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
  return new DataFileError(`${path} is damaged (${message}): put a copy in its place, or name another file with --data`)
}

function asDataFileError(error: unknown, path: string): unknown {
  if (error instanceof DataFileError) return error
  const code = (error as { code?: string }).code ?? ''
  if (code.startsWith('SQLITE_CORRUPT')) return damagedFile(error, path)
  if (code.startsWith('SQLITE_BUSY')) return new DataFileError(`${path} is in use by another process: stop it, or name another file with --data`)
  if (code === 'SQLITE_NOTADB') return new DataFileError(`${path} is not a SQLite file: name another file with --data`)
  if (code.startsWith('SQLITE_'))
    return new DataFileError(`${path} cannot be opened (${(error as Error).message}): name a file in a folder you may write with --data`)
  if (error instanceof TypeError) return new DataFileError(`${path} cannot be opened (${error.message}): name a file in a folder that exists with --data`)
  return error
}
