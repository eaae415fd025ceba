// Measures the built server beside its limits, in one run:
//   npm run bench                          the quick scenarios
//   npm run bench -- --only create,get     some of them
//   npm run bench -- --list                what there is
// Figures of a shared machine are worth little; their ratios hold better. Each load is bounded and stays on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCommandLine } from './command-line.mjs'
import { Processes } from './measuring/processes.mjs'
import { Stand } from './measuring/stand.mjs'
import { table } from './measuring/table.mjs'
import { scenarios } from './scenarios.mjs'

const request = readCommandLine(process.argv.slice(2), scenarios)
if (request.text !== undefined) {
  console[request.isProblem ? 'error' : 'log'](request.text)
  process.exit(request.isProblem ? 1 : 0)
}
const { seconds, rounds, other, chosen, json } = request
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-bench-'))
const processes = new Processes(scratch)
process.on('exit', () => {
  processes.killAll()
  rmSync(scratch, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

const stand = new Stand({ seconds, rounds, scratch, processes, other })
const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model, cores: availableParallelism(), date: new Date().toISOString() }
const results = []
for (const scenario of chosen) results.push({ scenario: scenario.name, ...(await measure(scenario)) })
const rows = results.flatMap((result) => result.rows)
console.log(`Node ${machine.node}, ${machine.platform}, ${machine.cores} cores; medians of ${rounds} rounds of ${seconds} s, with the least and the most\n`)
console.log(table(rows, other && new URL(other.url).host))
if (json) writeFileSync(json, `${JSON.stringify({ ...machine, seconds, rounds, against: other?.url, results }, undefined, 2)}\n`)
process.exit(results.some(({ problem }) => problem) ? 1 : 0)

/** One that fails leaves the others their figures. */
async function measure(scenario) {
  console.error(scenario.name)
  stand.begin(scenario.name)
  const began = performance.now()
  try {
    return { rows: await scenario.run(stand), tookSeconds: (performance.now() - began) / 1000 }
  } catch (error) {
    console.error(`${scenario.name} failed: ${error.stack}`)
    return { rows: [], problem: error.message }
  } finally {
    await stand.clear().catch((error) => console.error(`${scenario.name} could not be cleared away: ${error.message}`))
  }
}
