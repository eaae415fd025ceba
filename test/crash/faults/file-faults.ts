// FileFault: what makes a file useless, what the server is to say of it, and what mends it.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { startServer } from '../server-process.js'
import { pageBytes, pageOf, pageTypes } from './spoiling.js'

const nobody = 65_534

type Mend = () => unknown

export interface FileFault {
  name: string
  message: RegExp
  /** @returns what undoes it */
  /** Or why it cannot be done here. */
  spoil(path: string): Promise<Mend> | Mend | string
  uid?: number
  /** What a killed process left beside the file makes up for the fault. */
  isMadeUpFor?: boolean
  /** Whoever has the file may write to it. */
  isShared?: boolean
}

/** Bytes are put over others, and back. */
function overwritten(path: string, at: (bytes: Buffer) => number, spoiled: Buffer): () => void {
  const before = readFileSync(path)
  const bytes = Buffer.from(before)
  spoiled.copy(bytes, at(bytes))
  writeFileSync(path, bytes)
  return () => writeFileSync(path, before)
}

const noise = Buffer.from(Array.from({ length: pageBytes }, (_, index) => (index * 73 + 41) % 256))
const damaged = /is damaged \(.+\): put a copy in its place, or name another file with --data/

export const fileFaults: readonly FileFault[] = [
  { name: 'a page in the middle of the log is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(pageTypes.rows), noise) },
  { name: 'a page in the middle of the log is empty', message: damaged, spoil: (path) => overwritten(path, pageOf(pageTypes.rows), Buffer.alloc(pageBytes)) },
  { isMadeUpFor: true, name: 'a page that leads to the log is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(pageTypes.leading), noise) },
  { name: 'a page of the index is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(pageTypes.index), noise) },
  { isMadeUpFor: true, name: 'the schema is noise', message: damaged, spoil: (path) => overwritten(path, () => 100, noise.subarray(0, pageBytes - 100)) },
  {
    isMadeUpFor: true,
    name: 'the head of the file is noise',
    message: /is not a SQLite file: name another file with --data/,
    spoil: (path) => overwritten(path, () => 0, noise),
  },
  {
    isMadeUpFor: true,
    name: 'an object has a letter that nobody wrote',
    message: /is damaged \(revision \d+ is not as it was written\)/,
    spoil: (path) => overwritten(path, (bytes) => bytes.lastIndexOf('"middle":"xxx') + 12, Buffer.from('y')),
  },
  {
    isMadeUpFor: true,
    name: 'the file is of a newer version',
    message: /was written by a newer kubedouble \(schema 99, this one knows \d+\): use that one/,
    spoil: (path) => overwritten(path, () => 60, Buffer.from([0, 0, 0, 99])),
  },
  {
    isMadeUpFor: true,
    name: 'the file is of another program',
    message: /is a SQLite file of another program: name another file/,
    spoil: (path) => overwritten(path, () => 68, Buffer.from([0, 0, 0, 1])),
  },
  {
    isShared: true,
    name: 'the file is locked by a program that writes to it',
    message: /is in use by another process: stop it/,
    spoil: (path) => lock(path, 'BEGIN IMMEDIATE'),
  },
  {
    isShared: true,
    name: 'the file is locked by a program that reads it',
    message: /is in use by another process: stop it/,
    spoil: (path) => lock(path, 'BEGIN; SELECT count(*) FROM log'),
  },
  {
    isShared: true,
    name: 'another kubedouble has the file',
    message: /is in use by another process: stop it/,
    async spoil(path) {
      const other = await startServer(path)
      return () => other.kill()
    },
  },
  {
    name: 'the file may not be written',
    message: /cannot be opened \(.+\): name a file in a folder you may write/,
    uid: nobody,
    spoil: (path) => forbid(path, 0o444),
  },
  {
    name: 'the file may not be read',
    message: /cannot be opened \(.+\): name a file in a folder you may write/,
    uid: nobody,
    spoil: (path) => forbid(path, 0o000),
  },
  {
    isMadeUpFor: true,
    name: 'the folder may not be written',
    message: /cannot be opened \(.+\): name a file in a folder you may write/,
    uid: nobody,
    spoil: (path) => forbid(dirname(path), 0o555),
  },
  {
    name: 'the disk may not be written',
    isMadeUpFor: true,
    message: /cannot be opened \(.+\): name a file in a folder you may write/,
    spoil: (path) => mountReadOnly(dirname(path)),
  },
]

/** What is there stays there, and nothing can be changed. */
function mountReadOnly(folder: string): Mend | string {
  try {
    execFileSync('mount', ['--bind', folder, folder], { stdio: 'pipe' })
    execFileSync('mount', ['-o', 'remount,ro,bind', folder], { stdio: 'pipe' })
  } catch (error) {
    return `nothing may be mounted here: ${(error as Error).message}`
  }
  return () => execFileSync('umount', [folder], { stdio: 'pipe' })
}

// By a process of its own: a lock ends when its process closes the file anywhere.
const locker = `
  const [path, statement] = process.argv.slice(1)
  const database = require('better-sqlite3')(path)
  for (const each of statement.split('; ')) database.prepare(each)[each.startsWith('SELECT') ? 'get' : 'run']()
  console.log('locked')
  process.stdin.resume()`

async function lock(path: string, statement: string): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['-e', locker, path, statement], { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return async () => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

function forbid(path: string, mode: number): () => void {
  chmodSync(path, mode)
  return () => chmodSync(path, 0o755)
}
