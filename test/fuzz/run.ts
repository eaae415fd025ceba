// Fuzz: requests by chance, mutated from what real clients were recorded to send, against the built server; then what they left behind.
//
//   npm run test:fuzz                                       the long form
//   npm run test:fuzz -- --short                            the form for every change: some thousand requests, the same each time
//   npm run test:fuzz -- --seed 7 --from 1200 --requests 1  some requests of a run, by their numbers
//   KUBEDOUBLE=/path/to/kubedouble.js npm run test:fuzz     another build
import { parseArgs } from 'node:util'
import { checkAgreement } from './agreement.js'
import { sendBlunt } from './blunt.js'
import { Checks } from './checks.js'
import type { Timed } from './connection.js'
import { sendFrames, sendSecureFrames } from './frames.js'
import { sendCalls } from './grpc.js'
import { checkIsolation } from './isolation.js'
import { atRest, describeRest, type Inventory, inventory, judgeLife, judgeRest, pastMillis, type Rest, untilStill } from './process-checks.js'
import { describeRequest, type FuzzRequest, requestOf, stage } from './requests.js'
import { judgeLate, restChecks, sendAll, sendAlone } from './rest.js'
import { runSchemathesis } from './schemathesis.js'
import { type FuzzedServer, startServer } from './server.js'
import { watchForAMoment } from './watches.js'

const { values: given } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    requests: { type: 'string' },
    show: { type: 'boolean', default: false },
  },
})

const shortSeed = 20_261_126
// One in so many requests is also sent in a form that no client would send.
const bareEvery = 12
const seed = Number(given.seed ?? (given.short ? shortSeed : Math.floor(Math.random() * 2 ** 31)))
const total = Number(given.requests ?? (given.short ? 6000 : 200_000))
const from = Number(given.from)
const checks = new Checks()
const codes = new Map<number, number>()
const statuses = new Map<string, number>()
// So many numbers are one call of gRPC, and one conversation of frames, beside a request over REST each.
const callsOneOf = 4
const framesOneOf = 40

console.log(`seed ${seed}, ${total} requests from number ${from}`)
const server = await startServer(['--etcd-compaction-interval', `${pastMillis}ms`])
try {
  await fuzz(server)
} finally {
  await server.stop()
}
if (given.from === '0') await checkIsolation({ seed, checks }, given.short ? 600 : 20_000)
console.log(
  `answers by code: ${[...codes]
    .sort(([one], [other]) => one - other)
    .map(([code, count]) => `${code}: ${count}`)
    .join(', ')}`,
)
console.log(
  `calls of gRPC by status: ${[...statuses]
    .sort()
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')}`,
)
const { passed, failed } = checks.report(console.log)
if (failed) console.log(`again: npm run test:fuzz -- --seed ${seed}${given.short ? ' --short' : ''}`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed ? 1 : 0

async function fuzz(server: FuzzedServer): Promise<void> {
  const before = await inventory(server.port)
  for (const request of stage()) await sendAlone(server.port, request)
  // The first part fills what is there to be filled: caches, compiled code.
  const warm = from + Math.floor(total / 4)
  await part(server, from, warm)
  const first = await restOf(server, before)
  await part(server, warm, from + total)
  await untilStill(server.port)
  await checkAgreement({ port: server.port, grpcPort: server.grpcPort, checks, objectsMax: given.short ? 2 : 40 })
  const wasLeftOut = given.short || given.from !== '0' ? 'it is part of the long form' : await runSchemathesis({ seed, port: server.port, checks })
  if (wasLeftOut) console.log(`left out: schemathesis (${wasLeftOut})`)
  const last = await restOf(server, before)
  judgeRest(checks, { first, last })
  await judgeLife(checks, server)
}

async function restOf(server: FuzzedServer, before: Inventory): Promise<Rest> {
  const rest = await atRest(server, before)
  console.log(`at rest: ${describeRest(rest)}`)
  return rest
}

/** Everything that has the numbers from `first` to `end`. */
async function part(server: FuzzedServer, first: number, end: number): Promise<void> {
  const cpuMillis = async () => (await server.observe()).cpuMillis
  const began = performance.now()
  await rest(server, { first, end, cpuMillis })
  const calls = await sendCalls({ seed, grpcPort: server.grpcPort, checks, cpuMillis }, Math.floor(first / callsOneOf), Math.floor(end / callsOneOf))
  for (const [status, count] of calls) statuses.set(status, (statuses.get(status) ?? 0) + count)
  const frames = { from: Math.floor(first / framesOneOf), count: Math.floor((end - first) / framesOneOf) }
  await sendFrames({ seed, port: server.grpcPort, checks }, frames.from, frames.count)
  await sendSecureFrames({ seed, port: server.securePort, checks }, frames.from, Math.ceil(frames.count / 4))
  console.log(`numbers ${first} to ${end} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}

interface Numbers {
  first: number
  end: number
  cpuMillis(): Promise<number>
}

async function rest(server: FuzzedServer, { first, end, cpuMillis }: Numbers): Promise<void> {
  const run = { seed, port: server.port, checks, onAnswer }
  const streams: FuzzRequest[] = []
  function* plain() {
    for (let index = first; index < end && server.end === undefined; index++) {
      const request = requestOf(seed, index)
      if (request.isWatch) streams.push(request)
      else yield request
    }
  }
  const [late] = await Promise.all([sendAll(run, plain()), bare(server, first, end)])
  await inTurn(streams, 24, (request) => watchForAMoment(run, request))
  checks.note(restChecks.time)
  if (late.length) console.log(`${late.length} asked again for their time`)
  await judgeLate(run, late, cpuMillis)
}

async function bare(server: FuzzedServer, first: number, end: number): Promise<void> {
  const indexes = Array.from({ length: Math.floor((end - first) / bareEvery) }, (_, index) => first + index * bareEvery)
  await inTurn(indexes, 8, (index) => sendBlunt({ seed, port: server.port, checks }, index))
}

async function inTurn<Item>(items: readonly Item[], lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values()
  const lane = async () => {
    for (const item of left) await work(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

function onAnswer(request: FuzzRequest, { status, body }: Timed): void {
  codes.set(status, (codes.get(status) ?? 0) + 1)
  if (given.show) console.log(`${describeRequest(seed, request)}\n→ ${status} ${body.subarray(0, 2000)}`)
}
