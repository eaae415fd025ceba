// Files that the server cannot use: it says why in one line, ends with a code that is not zero, and leaves them as they are.
// When the fault is mended everything acknowledged is there.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plain } from '../../../src/machinery/index.js'
import { restWire } from '../../grpc/wire.js'
import { textOf } from '../book.js'
import type { Checks } from '../checks.js'
import { copyFile } from '../file-inspection.js'
import { fleetKinds, namespace } from '../kinds.js'
import { ServerProcess, startServer } from '../server-process.js'
import { bytesOf, pageBytes } from './spoiling.js'

const misuse = 2
const nobody = 65_534
const { configMap } = fleetKinds

type Mend = () => unknown

interface Fault {
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

/** The page of that kind that stands in the middle of them. */
function pageOf(kind: number): (bytes: Buffer) => number {
  return (bytes) => {
    const places = Array.from({ length: bytes.length / pageBytes }, (_, index) => index * pageBytes).filter((at) => at > 0 && bytes[at] === kind)
    return places[Math.floor(places.length / 2)]
  }
}

const noise = Buffer.from(Array.from({ length: pageBytes }, (_, index) => (index * 73 + 41) % 256))
const damaged = /is damaged \(.+\): put a copy in its place, or name another file with --data/
// Kinds of pages of a SQLite file: of a table, leading and with rows; of an index, with rows.
const [interior, rows, index] = [5, 13, 10]

const faults: Fault[] = [
  { name: 'a page in the middle of the log is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(rows), noise) },
  { name: 'a page in the middle of the log is empty', message: damaged, spoil: (path) => overwritten(path, pageOf(rows), Buffer.alloc(pageBytes)) },
  { isMadeUpFor: true, name: 'a page that leads to the log is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(interior), noise) },
  { name: 'a page of the index is noise', message: damaged, spoil: (path) => overwritten(path, pageOf(index), noise) },
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

type How = 'closed' | 'left'
interface Made {
  how: How
  path: string
  content: Content
}

/** @param isShort each fault with one of the files only */
export async function refusedFiles({ folder, checks, isShort }: { folder: string; checks: Checks; isShort: boolean }): Promise<void> {
  const made = await makeFiles(folder)
  const cases = faults.flatMap((fault, number) => {
    const fitting = made.filter(({ how }) => how === 'closed' || !fault.isMadeUpFor)
    const chosen = isShort ? [fitting[number % fitting.length]] : fitting
    return chosen.map((each) => ({ fault, each, own: join(folder, `${number}-${each.how}`) }))
  })
  // Two cores: while one server starts another is looked at.
  await Promise.all(
    [0, 1].map(async (worker) => {
      for (const { fault, each, own } of cases.filter((_, index) => index % 2 === worker)) await tryFault(fault, each, own, checks)
    }),
  )
}

async function tryFault(fault: Fault, { how, path: from, content }: Made, own: string, checks: Checks): Promise<void> {
  const name = `${fault.name}: it is refused in words and stays as it is, and mended it has everything`
  // Who may do everything does not notice what is forbidden; others are forbidden it themselves.
  const uid = process.getuid?.() === 0 ? fault.uid : undefined
  const path = join(own, 'state.db')
  mkdirSync(own)
  copyFile(from, path)
  if (uid !== undefined) for (const each of [own, ...readdirSync(own).map((file) => join(own, file))]) chownSync(each, uid, uid)
  const original = bytesOf(path)
  const mend = await fault.spoil(path)
  if (typeof mend === 'string') {
    console.log(`left out: ${fault.name} (${mend})`)
    return
  }
  const spoiled = bytesOf(path)
  const server = new ServerProcess(path, { uid })
  const isReady = await server.ready
  if (isReady) await server.kill()
  const { code, stderr } = await server.ended
  const isClear = code === misuse && fault.message.test(stderr) && stderr.trim().split('\n').length === 1
  checks.hold(name, !isReady && isClear, () => `a file that was ${how}: ${isReady ? 'the server starts' : `the server ended with ${code}: ${stderr}`}`)
  checks.hold(name, bytesOf(path) === spoiled, () => `a file that was ${how} has changed`)
  await mend()
  checks.hold(name, fault.isShared || bytesOf(path) === original, () => `a file that was ${how} is not mended`)
  const mended = new ServerProcess(path, { uid })
  if (!(await mended.ready)) {
    const ending = await mended.ended
    checks.hold(name, false, () => `a file that was ${how}, mended: ${ending.stderr}`)
    return
  }
  const found = await contentOf(mended.http)
  checks.hold(
    name,
    JSON.stringify([...found]) === JSON.stringify([...content]),
    () => `a file that was ${how}: of ${content.size} objects ${found.size} are there`,
  )
  await mended.kill()
}

/** Texts by name. */
type Content = Map<string, string>

/** One file that was closed in order, one whose server was killed. */
async function makeFiles(folder: string): Promise<Made[]> {
  const [closed, left] = (['closed', 'left'] as const).map((how) => ({ how, path: join(folder, `made-${how}.db`), content: new Map() as Content }))
  const first = await startServer(closed.path)
  await write(first.http, 0, 120)
  closed.content = await contentOf(first.http)
  await first.stop()
  copyFile(closed.path, left.path)
  const second = await startServer(left.path)
  await write(second.http, 120, 130)
  left.content = await contentOf(second.http)
  await second.kill()
  return [closed, left]
}

async function write(http: string, from: number, to: number): Promise<void> {
  const rest = restWire(http)
  for (let number = from; number < to; number++) {
    const object = configMap.object(`object-${number}`, `${number}-${configMap.endings[number % configMap.endings.length]}`)
    const answer = await rest.create(configMap.definition, object, { namespace })
    if (answer.kind === 'Status') throw new Error(`not written: ${JSON.stringify(answer)}`)
  }
}

async function contentOf(http: string): Promise<Content> {
  const { items } = await restWire(http).list(configMap.definition, { namespace })
  const own = items.filter(({ metadata }: Plain) => metadata.labels?.app === 'fleet')
  return new Map(own.map((object: Plain) => [object.metadata.name, textOf(object)]))
}
