// What is in the file of a server that was killed, seen without touching it: in a copy, as SQLite finds it.
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Plain } from '../../src/machinery/index.js'
import { scratch } from './server-process.js'

export interface LogRow {
  revision: number
  type: 1 | 2 | 3
  resource: string
  object: Plain
}

export interface FileContent {
  integrity: string
  compacted: number
  newest: number
  rows: LogRow[]
}

/** A file with what SQLite keeps beside it. */
export function copyFile(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    rmSync(`${to}${suffix}`, { force: true })
    if (existsSync(`${from}${suffix}`)) cpSync(`${from}${suffix}`, `${to}${suffix}`)
  }
}

export function inspectFile(path: string): FileContent | undefined {
  const folder = join(scratch, 'inspected')
  mkdirSync(folder, { recursive: true })
  const copy = join(folder, 'state.db')
  copyFile(path, copy)
  const database = new Database(copy)
  try {
    const integrity = database.pragma('integrity_check', { simple: true }) as string
    // Killed before it had made its tables.
    if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get())
      return integrity === 'ok' ? undefined : { integrity, compacted: 0, newest: 0, rows: [] }
    const rows = database.prepare('SELECT revision, type, resource, object FROM log ORDER BY revision').all() as (LogRow & { object: Buffer })[]
    const compacted = (database.prepare("SELECT value FROM fact WHERE name = 'compacted'").pluck().get() as number | undefined) ?? 0
    return {
      integrity,
      compacted,
      newest: Math.max(compacted, rows.at(-1)?.revision ?? 0),
      rows: rows.map((row) => ({ ...row, object: JSON.parse(row.object.toString()) as Plain })),
    }
  } finally {
    database.close()
  }
}
