// A connection to a SQLite file, none of whose objects is ever collected.
// better-sqlite3 12, compiled with the headers of Node 24.21 (not of 22.23), takes the whole process down when one of its objects is collected
// while no JavaScript of the main context runs: `Assertion failed: (env) != nullptr` in `RemoveEnvironmentCleanupHook`. A connection has
// about twenty of them, a few hundred bytes each, and releases what is SQLite's when it is closed.
import Database from 'better-sqlite3'

export type Connection = Database.Database

const kept: object[] = []

function keep<Kept extends object>(object: Kept): Kept {
  kept.push(object)
  return object
}

export function connect(path: string, options: Database.Options = {}): Connection {
  return keep(new Database(path, options))
}

/** Once for each statement of a connection: it stays in memory. */
export function prepare(connection: Connection, sql: string): Database.Statement {
  return keep(connection.prepare(sql))
}

/** The first column of the first row, if there is one. */
export function readValue(connection: Connection, sql: string): unknown {
  return prepare(connection, sql).pluck().get()
}

export function iterate(connection: Connection, sql: string): IterableIterator<unknown> {
  return keep(prepare(connection, sql).iterate())
}
