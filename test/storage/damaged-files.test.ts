// Files that have changed since they were written: found when they are opened, and left as they are.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connect } from '../../src/storage/connection.js'
import { DataFileError, openStore, type Store } from '../../src/storage/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-damaged-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newFile = () => join(folder, `log-${files++}.db`)
const pageBytes = 4096

function write(store: Store, name: string): void {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'a', resourceVersion: `${store.nextRevision}` }, data: { value: 'here' } }
  store.append([{ type: 'ADDED', resource: 'v1/configmaps', key: { namespace: 'a', name }, object }])
}

/** A file that was closed in order, with several pages of rows. */
function closedFile(): string {
  const path = newFile()
  const store = openStore({ path, now: () => 0 })
  for (let count = 0; count < 100; count++) write(store, `x${count}`)
  store.close()
  return path
}

/** The same, with more rows in what a killed process left beside it. */
function leftFile(): string {
  const from = closedFile()
  const store = openStore({ path: from, now: () => 0 })
  write(store, 'late')
  const path = newFile()
  for (const suffix of ['', '-wal']) cpSync(`${from}${suffix}`, `${path}${suffix}`)
  store.close()
  return path
}

function change(path: string, work: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path)
  work(bytes)
  writeFileSync(path, bytes)
}

/** Pages keep copies of rows that were moved, which nobody reads. */
function replaceAll(bytes: Buffer, from: string, to: string): void {
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at)) bytes.write(to, at)
}

/** Zeros in the head of a row say that its values are absent. */
function overwriteRow(path: string): void {
  const text = 'v1/configmapsax49{'
  change(path, (bytes) => {
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) bytes.fill(0, at - 3, at)
  })
}

const firstLeaf = (bytes: Buffer) => {
  for (let at = pageBytes; at < bytes.length; at += pageBytes) if (bytes[at] === 13 && bytes.readUInt16BE(at + 3) > 5) return at
  throw new Error('no page of rows')
}

const damages: [string, (path: string) => void, RegExp][] = [
  ['has one letter that nobody wrote', (path) => change(path, (bytes) => replaceAll(bytes, '"x50"', '"y50"')), /revision \d+ is not as it was written/],
  ['has a row at another time', (path) => rewrite(path, 'UPDATE log SET time = time + 1 WHERE revision = 7'), /revision 7 is not as it was written/],
  [
    'has a page with fewer rows',
    (path) => change(path, (bytes) => bytes.writeUInt16BE(bytes.readUInt16BE(firstLeaf(bytes) + 3) - 1, firstLeaf(bytes) + 3)),
    /is damaged/,
  ],
  ['lacks a row of the past that is forgotten', lackingRow, /is damaged \(.*page.*\)/],
  ['has a row without its object', overwriteRow, /revision 50 is not as it was written/],
  [
    'has an empty page',
    (path) => change(path, (bytes) => bytes.fill(0, firstLeaf(bytes), firstLeaf(bytes) + pageBytes)),
    /is damaged \(database disk image is malformed\)/,
  ],
  ['is of a newer version', (path) => rewrite(path, 'PRAGMA user_version = 99'), /was written by a newer kubedouble/],
  ['is of another program', (path) => rewrite(path, 'PRAGMA application_id = 1'), /is a SQLite file of another program/],
]

/** As a statement of a process that was killed thereafter. */
function rewrite(path: string, statement: string): void {
  const database = connect(path)
  database.exec(statement)
  for (const suffix of ['', '-wal']) if (existsSync(`${path}${suffix}`)) cpSync(`${path}${suffix}`, `${path}-aside${suffix}`)
  database.close()
  for (const suffix of ['', '-wal']) if (existsSync(`${path}-aside${suffix}`)) cpSync(`${path}-aside${suffix}`, `${path}${suffix}`)
}

/** No gap shows where history is not retained: only the page knows that it had one row more. */
function lackingRow(path: string): void {
  rewrite(path, "INSERT INTO fact VALUES ('compacted', 90)")
  const database = connect(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  change(path, (bytes) => bytes.writeUInt16BE(bytes.readUInt16BE(firstLeaf(bytes) + 3) - 1, firstLeaf(bytes) + 3))
}

describe.each([
  ['closed in order', closedFile],
  ['left by a killed process', leftFile],
])('a file that was %s', (_, make) => {
  it.each(damages)('and %s is refused, and stays as it is', (_, spoil, message) => {
    const path = make()
    spoil(path)
    const bytes = () => ['', '-wal'].map((suffix) => (existsSync(`${path}${suffix}`) ? readFileSync(`${path}${suffix}`, 'base64') : ''))
    const before = bytes()
    for (let time = 0; time < 2; time++) {
      expect(() => openStore({ path, now: () => 0 })).toThrow(message)
      expect(() => openStore({ path, now: () => 0 })).toThrow(DataFileError)
    }
    expect(bytes()).toEqual(before)
  })

  it('has everything when it is opened, and nothing beside it when it is closed', () => {
    const path = make()
    const store = openStore({ path, now: () => 0 })
    expect(store.revision).toBe(make === leftFile ? 101 : 100)
    expect(store.list('v1/configmaps')).toHaveLength(store.revision)
    write(store, 'more')
    store.close()
    expect(['-wal', '-shm', '-journal'].filter((suffix) => existsSync(`${path}${suffix}`))).toEqual([])
  })
})

it('a file that is read while another process writes to it is not taken over', () => {
  const path = leftFile()
  const other = connect(path)
  other.exec('BEGIN IMMEDIATE')
  expect(() => openStore({ path, now: () => 0 })).toThrow(/is in use by another process/)
  other.exec('ROLLBACK')
  other.close()
  const store = openStore({ path, now: () => 0 })
  expect(store.revision).toBe(101)
  store.close()
})
