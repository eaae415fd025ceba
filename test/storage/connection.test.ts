// Why connections keep what they are made of is told in src/storage/connection.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { connect, iterate, prepare, readValue } from '../../src/storage/connection.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Held by nobody here. */
function useOnce(): WeakRef<object>[] {
  const connection = connect(':memory:')
  const statement = prepare(connection, 'SELECT 1')
  const rows = iterate(connection, 'SELECT 1')
  expect([readValue(connection, 'SELECT 7'), [...rows]]).toEqual([7, [{ 1: 1 }]])
  connection.close()
  return [connection, statement, rows].map((object) => new WeakRef(object))
}

it('a connection, its statements and what they iterate are never collected', async () => {
  const used = useOnce()
  await setImmediate()
  collectGarbage()
  expect(used.map((reference) => reference.deref() === undefined)).toEqual([false, false, false])
})

it('nobody else makes statements', () => {
  const source = join(import.meta.dirname, '..', '..', 'src')
  const others = (readdirSync(source, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts') && !file.endsWith('connection.ts'))
  const makes = /import (?!type).*from 'better-sqlite3'|\.(?:prepare|pragma|iterate|backup)\(/
  expect(others.filter((file) => makes.test(readFileSync(join(source, file), 'utf8')))).toEqual([])
})
