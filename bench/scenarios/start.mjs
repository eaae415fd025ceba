// From the command to the ready line: HTTP, HTTPS and gRPC, a fresh state, the built package.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { row } from '../measuring/rows.mjs'

// A start takes a fraction of a second, and differs more than others.
const startsPerRound = 3

export const start = {
  name: 'start',
  text: 'command to ready line, beside a process that only loads fastify and better-sqlite3',
  async run(stand) {
    const { processes } = stand
    const ready = async (launched) => {
      const server = await launched
      await server.end()
      return server.readyMillis
    }
    const ours = (options) => ready(processes.serve(options))
    // Makes certificates, which later starts find, and the compiled code if the build has left none.
    await ours()
    const rounds = stand.rounds * startsPerRound
    const { limit: loads, ...taken } = await stand.byTurns(
      {
        ours: () => ours(),
        first: () => ours(['--cert-dir', mkdtempSync(join(stand.scratch, 'new-'))]),
        limit: () => ready(processes.limit('loads')),
        node: () => processes.runMillis(['-e', '0']),
      },
      rounds,
    )
    return [
      row({ what: 'command to ready line', unit: 'ms', ours: taken.ours, limit: loads, must: { ratio: { atMost: 2 }, figure: { atMost: 150 } } }),
      row({ what: 'command to ready line, beside `node -e 0`', unit: 'ms', ours: taken.ours, limit: taken.node }),
      row({ what: 'command to ready line with certificates to be made', unit: 'ms', ours: taken.first, limit: loads }),
    ]
  },
}
