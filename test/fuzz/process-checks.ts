// ProcessChecks: what the run leaves behind in the server: nothing.
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import type { Checks } from './checks.js'
import { collectionOf } from './seeds.js'
import type { FuzzedServer, Observation } from './server.js'

export const processChecks = {
  alive: 'process: it serves as in the beginning, and has nothing to say of mistakes',
  prototypes: 'process: nothing has been added to what all objects inherit',
  heap: 'process: memory in use after all that was made is deleted is what it was after the first part of the run',
  resident: 'process: resident memory does not grow with the requests',
  handles: 'process: no request, watch, connection or timer is left over',
} as const

// What caches may fill, and what a garbage collector leaves lying about.
const heapGrowthMax = 12 * 1024 * 1024
const residentGrowthMax = 96 * 1024 * 1024
// A client that broke HTTP/2 and left is missed after twice the time between two questions.
const restMillisMax = 40_000

const ask = async (port: number, method: string, path: string, body?: unknown, type = 'application/json') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': type } }) })

const listOf = async (port: number, path: string): Promise<Plain[]> => ((await (await ask(port, 'GET', path)).json()) as Plain).items ?? []

/** Kinds that can be listed and deleted, each once, whatever its versions. */
const deletable = builtInResources.filter(({ verbs, storedAs, key }, _index, all) => {
  const isStored = storedAs === undefined || all.find((each) => each.key === key)?.storedAs === storedAs
  return isStored && verbs.includes('list') && verbs.includes('delete')
})

export type Inventory = ReadonlySet<string>

/** Names of everything that is there. */
export async function inventory(port: number): Promise<Inventory> {
  const names = new Set<string>()
  for (const definition of deletable)
    for (const { metadata } of await listOf(port, collectionOf(definition))) names.add(`${definition.key} ${metadata.namespace ?? ''}/${metadata.name}`)
  return names
}

/** How long the server under test keeps what has happened. */
export const pastMillis = 500
const writesToForget = 600
const roundsMax = 8

/** Documents are made when they are asked for, and kept. */
export async function fillWithDocuments(port: number): Promise<void> {
  const { paths } = (await (await ask(port, 'GET', '/openapi/v3')).json()) as { paths: Record<string, { serverRelativeURL: string }> }
  for (const { serverRelativeURL } of Object.values(paths)) await (await ask(port, 'GET', serverRelativeURL)).arrayBuffer()
  await (await ask(port, 'GET', '/openapi/v2')).arrayBuffer()
}

/** Deletes what was not there in the beginning, whatever holds it. */
export async function cleanUp(port: number, before: Inventory): Promise<void> {
  for (let round = 0; round < roundsMax; round++) {
    let left = 0
    for (const definition of deletable) {
      for (const object of await listOf(port, collectionOf(definition))) {
        const { name, namespace, finalizers } = object.metadata
        if (before.has(`${definition.key} ${namespace ?? ''}/${name}`)) continue
        left++
        const path = `${collectionOf(definition, namespace)}/${encodeURIComponent(name)}`
        if (finalizers) await (await ask(port, 'PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json')).arrayBuffer()
        await (
          await ask(port, 'DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, propagationPolicy: 'Background' })
        ).arrayBuffer()
      }
    }
    if (!left) return
  }
}

/** Nothing is written any more: the version stands still. */
export async function untilStill(port: number): Promise<void> {
  const version = async () => ((await (await ask(port, 'GET', '/api/v1/namespaces?limit=1')).json()) as Plain).metadata.resourceVersion
  const end = performance.now() + restMillisMax
  for (let last = await version(), same = 0; same < 4 && performance.now() < end; ) {
    await pause(50)
    const now = await version()
    same = now === last ? same + 1 : 0
    last = now
  }
}

export interface Rest extends Observation {
  openWatches: number
  inFlight: number
}

/** The server as it is when nobody wants anything of it, and all that was made is gone. */
export async function atRest({ port, observe }: FuzzedServer, before: Inventory): Promise<Rest> {
  await cleanUp(port, before)
  await untilStill(port)
  // What has happened is forgotten when it is old, by the writes that follow, a few rows each.
  await pause(pastMillis * 1.5)
  for (let count = 0; count < writesToForget; count++) {
    await (
      await ask(
        port,
        'PATCH',
        '/api/v1/namespaces/default',
        { metadata: { annotations: { 'example.com/count': String(count) } } },
        'application/merge-patch+json',
      )
    ).arrayBuffer()
  }
  const end = performance.now() + restMillisMax
  for (;;) {
    const metrics = await (await ask(port, 'GET', '/metrics')).text()
    const sum = (name: string) =>
      [...metrics.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))].reduce((total, [, value]) => total + Number(value), 0)
    const rest: Rest = { ...(await observe(true)), openWatches: sum('apiserver_longrunning_requests'), inFlight: sum('apiserver_current_inflight_requests') }
    // The one that asks is there too.
    if ((!rest.openWatches && rest.inFlight <= 1) || performance.now() > end) return rest
    await pause(100)
  }
}

const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

export function judgeRest(checks: Checks, { first, last }: { first: Rest; last: Rest }): void {
  const heapGrowth = last.heapBytes - first.heapBytes
  checks.note(processChecks.heap, heapGrowth > heapGrowthMax ? `${megabytes(first.heapBytes)} became ${megabytes(last.heapBytes)}` : undefined)
  const growth = last.residentBytes - first.residentBytes
  checks.note(processChecks.resident, growth > residentGrowthMax ? `${megabytes(first.residentBytes)} became ${megabytes(last.residentBytes)}` : undefined)
  checks.note(processChecks.handles, last.openWatches ? `${last.openWatches} watches` : last.inFlight > 1 ? `${last.inFlight} requests` : undefined)
  for (const [kind, count] of Object.entries(last.resources)) {
    const spare = kind.startsWith('TCPSocket') || kind === 'Timeout' ? 8 : 0
    checks.note(processChecks.handles, count > (first.resources[kind] ?? 0) + spare ? `${first.resources[kind] ?? 0} ${kind} became ${count}` : undefined)
  }
  checks.note(processChecks.prototypes, last.changedPrototypes[0])
}

export async function judgeLife(checks: Checks, { port, end, said }: FuzzedServer): Promise<void> {
  checks.note(processChecks.alive, end)
  for (const line of said) if (!isRefusalOfController(line)) checks.note(processChecks.alive, `it said: ${line}`)
  if (end === undefined) {
    const { status } = await ask(port, 'GET', '/readyz')
    checks.note(processChecks.alive, status === 200 ? undefined : `/readyz answers ${status}`)
  }
}

/** What clients have written makes controllers want what is then refused: they say so, as upstream's do. */
const isRefusalOfController = (line: string) => /"err":\{"type":"StatusError"/.test(line) && !line.includes(failedRequest)
const failedRequest = 'for no reason of its own'

export const describeRest = ({ heapBytes, residentBytes }: Rest) => `heap ${megabytes(heapBytes)}, resident ${megabytes(residentBytes)}`
