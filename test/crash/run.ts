// Kills the server, spoils its file, and looks at what is left.
//   npm run test:crash                      200 kills on one file, then the faults of the file
//   npm run test:crash -- --short           10 kills, fewer faults of each sort
//   npm run test:crash -- --kills 50 --seed 7
//   npm run test:crash -- --only faults     or: kills
import { parseArgs } from 'node:util'
import { Checks } from './checks.js'
import { runFaults } from './faults/faults.js'
import { runRounds } from './rounds.js'
import { removeScratch, scratch } from './server-process.js'

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, short: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const seed = Number(values.seed ?? (values.short ? 1 : Math.floor(Math.random() * 1e9)))
const kills = Number(values.kills ?? (values.short ? 10 : 200))
const again = `npm run test:crash -- --seed ${seed} --kills ${kills}${values.short ? ' --short' : ''}${values.only ? ` --only ${values.only}` : ''}`
console.log(`seed ${seed}: ${again}`)

const checks = new Checks()
// In a hurry both at once: while a server starts there is a core to spare.
if (values.short) await Promise.all([killAgainAndAgain(), spoilFiles()])
else {
  await killAgainAndAgain()
  await spoilFiles()
}
const { passed, failed } = checks.report()
if (failed) console.log(`again: ${again}\nfiles: ${scratch}`)
else removeScratch()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)

async function killAgainAndAgain(): Promise<void> {
  if (values.only === 'faults') return
  const started = performance.now()
  const { kills: killed, ...counts } = await runRounds({ kills, seed, checks })
  console.log(`killed ${killed.writing} times while writing, ${killed.starting} while starting, ${killed.ending} while ending, in ${seconds(started)} s`)
  console.log(
    `${counts.acknowledged} writes acknowledged, ${counts.inFlight} in flight at a kill; ${counts.revisions} revisions seen, ${counts.events} events; watches resumed ${counts.resumed} times, expired ${counts.expired}`,
  )
}

async function spoilFiles(): Promise<void> {
  if (values.only === 'kills') return
  const started = performance.now()
  await runFaults({ seed, checks, isShort: values.short })
  console.log(`faults of the file took ${seconds(started)} s`)
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1)
}
