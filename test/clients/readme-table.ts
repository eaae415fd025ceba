// README's table of clients, which must say what was found.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const path = join(import.meta.dirname, '..', '..', 'README.md')
const heading = '| client | version | checks | run by |'

/** Checks that README promises, by client. */
export function promisedChecks(): Map<string, number> {
  const lines = readFileSync(path, 'utf8').split('\n')
  const first = lines.indexOf(heading)
  if (first < 0) throw new Error(`README.md has no table ${heading}`)
  const rows = lines.slice(first + 2)
  const last = rows.findIndex((line) => !line.startsWith('|'))
  return new Map(
    rows
      .slice(0, last)
      .map((row) => row.split('|').map((cell) => cell.trim()))
      .map(([, client, , checks]) => [client, Number(checks)]),
  )
}
