// Fuzz: requests by chance, mutated from what real clients were recorded to send, against the built server; then what they left behind.
//
//   npm run test:fuzz                                       the long form
//   npm run test:fuzz -- --short                            the form for every change: some thousand requests, the same each time
//   npm run test:fuzz -- --seed 7 --from 1200 --requests 1  some requests of a run, by their numbers
//   KUBEDOUBLE=/path/to/kubedouble.js npm run test:fuzz     another build
import { parseArgs } from 'node:util'
import { sendBlunt } from './blunt.js'
import { Checks } from './checks.js'
import type { Timed } from './connection.js'
import { atRest, describeRest, type Inventory, inventory, judgeLife, judgeRest, type Rest } from './process-checks.js'
import { describeRequest, type FuzzRequest, requestOf, stage } from './requests.js'
import { judgeLate, restChecks, sendAll, sendAlone } from './rest.js'
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

console.log(`seed ${seed}, ${total} requests from number ${from}`)
const server = await startServer(['--etcd-compaction-interval', '2s'])
try {
  await fuzz(server)
} finally {
  await server.stop()
}
console.log(
  `answers by code: ${[...codes]
    .sort(([one], [other]) => one - other)
    .map(([code, count]) => `${code}: ${count}`)
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
  const warm = Math.floor(total / 4)
  await part(server, from, from + warm)
  const first = await restOf(server, before)
  await part(server, from + warm, from + total)
  const last = await restOf(server, before)
  judgeRest(checks, { first, last })
  await judgeLife(checks, server)
}

async function restOf(server: FuzzedServer, before: Inventory): Promise<Rest> {
  const rest = await atRest(server, before)
  console.log(`at rest: ${describeRest(rest)}`)
  return rest
}

async function part(server: FuzzedServer, first: number, end: number): Promise<void> {
  const run = { seed, port: server.port, checks, onAnswer }
  const streams: FuzzRequest[] = []
  const cpuMillis = async () => (await server.observe()).cpuMillis
  const began = performance.now()
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
  await judgeLate(run, late, cpuMillis)
  const seconds = (performance.now() - began) / 1000
  console.log(`${end - first} requests in ${seconds.toFixed(1)} s, ${late.length} asked again for their time`)
}

async function bare(server: FuzzedServer, first: number, end: number): Promise<void> {
  const indexes = Array.from({ length: Math.floor((end - first) / bareEvery) }, (_, index) => first + index * bareEvery)
  await inTurn(indexes, 4, (index) => sendBlunt({ seed, port: server.port, checks }, index))
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
