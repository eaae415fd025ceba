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
import {
  atRest,
  describeRest,
  fillWithDocuments,
  type Inventory,
  inventory,
  judgeLife,
  judgeRest,
  pastMillis,
  type Rest,
  untilStill,
} from './process-checks.js'
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
const total = Number(given.requests ?? (given.short ? 4000 : 200_000))
const from = Number(given.from)
const checks = new Checks()
const reachCheck = 'reach: requests are accepted and refused for all reasons there are'
const reachOneOf = 500
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
if (given.from === '0') await timed('isolation', () => checkIsolation({ seed, checks }, given.short ? 300 : 20_000))
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
  if (!given.short) await fillWithDocuments(server.port)
  // The first part fills what is there to be filled: caches, compiled code.
  const warm = from + Math.floor(total / 4)
  await part(server, from, warm)
  const first = await restOf(server, before)
  await part(server, warm, from + total)
  await untilStill(server.port)
  await timed('agreement', () => checkAgreement({ port: server.port, grpcPort: server.grpcPort, checks, objectsMax: given.short ? 2 : 40 }))
  const wasLeftOut = given.short || given.from !== '0' ? 'it is part of the long form' : await runSchemathesis({ seed, port: server.port, checks })
  if (wasLeftOut) console.log(`left out: schemathesis (${wasLeftOut})`)
  if (total > reachOneOf) noteReach()
  const last = await restOf(server, before)
  judgeRest(checks, { first, last })
  if (given.short) await frames(server, from, from + total)
  await judgeLife(checks, server)
}

/** Requests are of no use when all are refused for the same reason. */
function noteReach(): void {
  const wanted: readonly (readonly [ReadonlyMap<unknown, number>, readonly unknown[]])[] = [
    [codes, [200, 201, 400, 404, 405, 406, 409, 415, 422, 500]],
    [statuses, ['0', '3', '5', '12']],
  ]
  for (const [met, all] of wanted) {
    for (const each of all) checks.note(reachCheck, (met.get(each) ?? 0) >= total / reachOneOf ? undefined : `${each} was met ${met.get(each) ?? 0} times`)
  }
}

async function restOf(server: FuzzedServer, before: Inventory): Promise<Rest> {
  const rest = await timed('coming to rest', () => atRest(server, before))
  console.log(`at rest: ${describeRest(rest)}`)
  return rest
}

async function timed<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
  const began = performance.now()
  const result = await work()
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return result
}

/** Everything that has the numbers from `first` to `end`. */
async function part(server: FuzzedServer, first: number, end: number): Promise<void> {
  for (const request of stage()) await sendAlone(server.port, request)
  const cpuMillis = async () => (await server.observe()).cpuMillis
  await timed(`numbers ${first} to ${end} over REST`, () => rest(server, { first, end, cpuMillis }))
  const calls = await timed('over gRPC', () =>
    sendCalls({ seed, grpcPort: server.grpcPort, checks, cpuMillis }, Math.floor(first / callsOneOf), Math.floor(end / callsOneOf)),
  )
  for (const [status, count] of calls) statuses.set(status, (statuses.get(status) ?? 0) + count)
  if (!given.short) await frames(server, first, end)
}

/** A server that has seen them misses their clients only after a while: the short form sends them last. */
async function frames(server: FuzzedServer, first: number, end: number): Promise<void> {
  const [numberFirst, count] = [Math.floor(first / framesOneOf), Math.floor((end - first) / framesOneOf)]
  await timed('frames', async () => {
    await sendFrames({ seed, port: server.grpcPort, checks }, numberFirst, count)
    await sendSecureFrames({ seed, port: server.securePort, checks }, numberFirst, Math.ceil(count / 4))
  })
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
