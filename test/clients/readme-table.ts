// README's table of clients, which must say what was found.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const path = join(import.meta.dirname, '..', '..', 'README.md')
const heading = '| client | version | checks | run by |'

export interface Promised {
  /** `fabric8 8.0.0` */
  version: string
  checks: number
}

/** What README says of each client. */
export function promisedClients(): Map<string, Promised> {
  const lines = readFileSync(path, 'utf8').split('\n')
  const first = lines.indexOf(heading)
  if (first < 0) throw new Error(`README.md has no table ${heading}`)
  const rows = lines.slice(first + 2)
  const last = rows.findIndex((line) => !line.startsWith('|'))
  const cells = rows.slice(0, last).map((row) => row.split('|').map((cell) => cell.trim()))
  return new Map(cells.map(([, client, version, checks]) => [client, { version, checks: Number(checks) }]))
}
