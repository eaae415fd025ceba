// Runs the clients, counts their checks, and holds README's table against what was found.
//   npm run test:clients                        all of them
//   npm run test:clients -- --only python,java  some of them
//   npm run test:clients -- --outside-tests     those that `npm test` does not run
//   npm run test:clients -- --minutes 5         none that cannot be made ready within that time
import { parseArgs } from 'node:util'
import { type Client, clients } from './clients.js'
import { cacheFolder, type Outcome, runClient } from './program.js'
import { promisedClients } from './readme-table.js'

// Two cores: while one client downloads or waits the other computes.
const atOnce = 2

const { values } = parseArgs({ options: { only: { type: 'string' }, 'outside-tests': { type: 'boolean', default: false }, minutes: { type: 'string' } } })
const deadline = performance.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000
const all = clients(cacheFolder)
const only = values.only?.split(',')
const unknown = only?.find((name) => !all.some((client) => client.name === name))
if (unknown !== undefined) throw new Error(`there is no client ${unknown}: known are ${all.map(({ name }) => name).join(', ')}`)
const wanted = all.filter((client) => (only?.includes(client.name) ?? true) && !(values['outside-tests'] && client.isInTests))
const promised = promisedClients()
const totals = { passed: 0, failed: 0 }

// What was started ends with this program.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
// What takes longest to make ready goes first, so that nothing long is left for the end; when time is short, what is soon done.
const order = values.minutes === undefined ? -1 : 1
const waiting = wanted.toSorted((one, other) => order * ((one.prepare?.limitSeconds ?? 0) - (other.prepare?.limitSeconds ?? 0)))
await Promise.all(Array.from({ length: atOnce }, work))
const missing = all.filter(({ name }) => !promised.has(name)).map(({ name }) => name)
const surplus = [...promised.keys()].filter((name) => !all.some((client) => client.name === name))
if (missing.length + surplus.length > 0) {
  totals.failed++
  console.log(`README.md's table of clients lacks [${missing.join(', ')}] and has [${surplus.join(', ')}] too much`)
}
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed ? 1 : 0

async function work(): Promise<void> {
  for (let client = waiting.shift(); client; client = waiting.shift()) {
    const started = performance.now()
    const outcome = await runClient(client, deadline)
    report(client, outcome, (performance.now() - started) / 1000)
  }
}

function report({ name }: Client, { passed, failed, output, skipped }: Outcome, seconds: number): void {
  console.log(`\n== ${name}`)
  if (skipped) {
    console.log(`== ${name}: skipped (${skipped})`)
    return
  }
  process.stdout.write(output)
  console.log(`== ${name}: ${passed} passed, ${failed} failed in ${seconds.toFixed(1)} s`)
  totals.passed += passed
  totals.failed += failed
  if (failed === 0 && promised.get(name)?.checks !== passed) {
    totals.failed++
    console.log(`== ${name}: README.md says ${promised.get(name)?.checks} checks, there were ${passed}`)
  }
}
