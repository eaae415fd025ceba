// What the server withstands: many watches, connections, slow and vanishing clients, limits, and a long mixed load.
//   npm run test:load                             everything; ten minutes of mixed load
//   npm run test:load -- --short                  fewer of everything, as in CI
//   npm run test:load -- --only "idle watches" --minutes 1 --seed 7
import { parseArgs } from 'node:util'
import { openFilesMax } from '../../src/connection-budget.js'
import { clockSteps, faketimeEnvironment, findFaketime } from './scenarios/clock-steps.js'
import { connections } from './scenarios/connections.js'
import { halfClosed } from './scenarios/half-closed.js'
import { idleWatches } from './scenarios/idle-watches.js'
import { fewFiles, inflightFlags, openFiles, requestsInFlight } from './scenarios/limits.js'
import { mixed, mixedEnvironment, mixedFlags } from './scenarios/mixed.js'
import { slowReaders } from './scenarios/slow-readers.js'
import { slowWriters } from './scenarios/slow-writers.js'
import { vanishing } from './scenarios/vanishing.js'
import type { LoadServerOptions } from './server.js'
import { count, play, type Scenario } from './stage.js'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, seed: { type: 'string' }, minutes: { type: 'string', default: '10' }, only: { type: 'string' } },
})
const seed = Number(values.seed ?? (values.short ? 1 : Math.floor(Math.random() * 1e9)))
const mixedSeconds = values.short ? 3 : Number(values.minutes) * 60
const form = { isShort: values.short, mixedSeconds, seed }
const again = `npm run test:load -- --seed ${seed} --minutes ${values.minutes}${values.short ? ' --short' : ''}${values.only ? ` --only "${values.only}"` : ''}`
console.log(`seed ${seed}: ${again}`)

const faketime = findFaketime()
const scenarios: Record<string, [Scenario, LoadServerOptions?]> = {
  'idle watches': [idleWatches],
  connections: [connections],
  'slow readers': [slowReaders],
  'slow writers': [slowWriters],
  'half-closed sockets': [halfClosed],
  'clients that vanish': [vanishing],
  'requests in flight': [requestsInFlight, { flags: inflightFlags }],
  'open files': [openFiles, { filesMax: fewFiles }],
  ...(faketime ? { 'clock steps': [clockSteps, { environment: faketimeEnvironment(faketime) }] } : {}),
  'mixed load': [mixed, { flags: mixedFlags, environment: mixedEnvironment }],
}
// Each watch is a file of this process and one of the server.
const filesNeeded = values.short ? 2000 : 6000

const tally = { passed: 0, failed: 0 }
const filesMax = openFilesMax()
count(tally, filesMax >= filesNeeded)
console.log(
  `${filesMax >= filesNeeded ? 'ok  ' : 'FAIL'} this process may have ${filesMax} files open and needs ${filesNeeded}${filesMax >= filesNeeded ? '' : ': raise ulimit -n'}`,
)
if (!faketime)
  console.log('LEFT OUT: clock steps: no libfaketime here (Debian: libfaketime; or FAKETIME_LIBRARY); test/controllers/clock-steps.test.ts has what it can')
for (const [name, [scenario, options]] of Object.entries(scenarios)) {
  if (!values.only || values.only === name) await play(name, scenario, { form, tally, options })
}
if (tally.failed) console.log(`again: ${again}`)
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exit(tally.failed ? 1 : 0)
