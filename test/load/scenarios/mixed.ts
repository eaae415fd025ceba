// Mixed load: many clients write, read, list and watch over REST and gRPC, and what they leave behind is nothing.
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain, ResourceDefinition } from '../../../src/machinery/index.js'
import { definitionOf, grpcClient, grpcWire, restWire, type Wire } from '../../grpc/wire.js'
import { chanceOf } from '../../support/chance.js'

import type { Stage } from '../stage.js'

// So that what is remembered, and let go, comes to an end within the load.
export const mixedFlags = ['--etcd-compaction-interval', '2s']
// With room for plenty, garbage is left where it is for long. Where it must be collected, memory is what is held.
export const mixedEnvironment = { NODE_OPTIONS: '--max-old-space-size=160' }

const clientsOfAWire = 8
// So few that there are soon as many objects as there ever will be.
const namesOfAClient = 5
const everyMillis = 200
const mebibytesMoreMax = 48
const shareMoreMax = 0.15
const sampleMillis = 1000

export async function mixed(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const connections = [grpcClient(server.grpc), grpcClient(server.grpc)]
  const wires = [restWire(server.http), grpcWire(connections[0], 'typed'), grpcWire(connections[1], 'generic')]
  const end = performance.now() + form.mixedSeconds * 1000
  const tally = { done: 0, refused: 0, failures: [] as string[] }
  const memory: number[] = []
  await stage.unharmed(`${form.mixedSeconds} s of mixed load`, async () => {
    const clients = wires.flatMap((wire, index) =>
      Array.from({ length: clientsOfAWire }, (_, number) => client(wire, { name: `c${index}-${number}`, seed: form.seed + 100 * index + number, end, tally })),
    )
    const sampling = sample(() => memory.push(server.memory), end)
    await Promise.all([...clients, sampling, tidy(server.http, end)])
  })
  for (const connection of connections) connection.close()
  hold(
    'every request of a mixed load is answered as it should be',
    !tally.failures.length,
    `${tally.done} done, ${tally.refused} refused; ${tally.failures.slice(0, 3).join('; ') || 'none failed'}`,
  )
  const [early, late] = [lowest(memory, 0.4, 0.6), lowest(memory, 0.85, 1)]
  // In a few seconds nothing can be said of growth.
  if (!form.isShort)
    hold(
      'memory stays flat',
      late < early * (1 + shareMoreMax) && late < early + mebibytesMoreMax,
      `${early.toFixed(0)} MiB in the middle, ${late.toFixed(0)} at the end`,
    )
  console.log(
    `   memory: ${memory
      .filter((_, index) => index % Math.ceil(memory.length / 20) === 0)
      .map((each) => each.toFixed(0))
      .join(' ')} MiB`,
  )
  await stage.allIsOver('a mixed load')
}

interface Client {
  name: string
  seed: number
  end: number
  tally: { done: number; refused: number; failures: string[] }
}

const kinds = ['v1/configmaps', 'v1/services', 'v1/pods', 'v1/secrets']
// What a request may be refused for that does not know what the others do.
const expected = new Set([404, 409])

async function client(wire: Wire, { name, seed, end, tally }: Client): Promise<void> {
  const next = chanceOf(seed)
  let due = performance.now() + next(everyMillis)
  while (performance.now() < end) {
    const definition = definitionOf(kinds[next(kinds.length)])
    try {
      const answer = await request(wire, definition, `${name}-${next(namesOfAClient)}`, next)
      if (answer.kind !== 'Status' || answer.status !== 'Failure') tally.done++
      else if (expected.has(answer.code)) tally.refused++
      else tally.failures.push(`${wire.name}: ${answer.message}`)
    } catch (error) {
      tally.failures.push(`${wire.name}: ${String(error)}`)
    }
    // Steadily, so that as much is remembered at the end as in the middle.
    await pause(due - performance.now())
    due = Math.max(due + everyMillis, performance.now())
  }
}

function request(wire: Wire, definition: ResourceDefinition, name: string, next: (below: number) => number): Promise<Plain> {
  const place = { namespace: 'default', name }
  const choice = next(30)
  if (choice < 9) return wire.create(definition, objectOf(definition, name, next), { namespace: 'default' })
  if (choice < 14) return wire.patch(definition, { metadata: { annotations: { turn: String(next(1000)) } } }, { ...place, type: 'merge' })
  if (choice < 22) return wire.delete(definition, { ...place, gracePeriodSeconds: 0 })
  if (choice < 24) return wire.list(definition, { namespace: 'default', limit: 50 })
  if (choice > 24) return wire.get(definition, place)
  return wire.watch(definition, { namespace: 'default', timeoutSeconds: 1 }, 3).then((events) => ({ kind: 'Events', events }))
}

function objectOf({ kind, apiVersion }: ResourceDefinition, name: string, next: (below: number) => number) {
  const object = { kind, apiVersion, metadata: { name, labels: { app: `app-${next(5)}` } } }
  if (kind === 'Pod') return { ...object, spec: { containers: [{ name: 'main', image: 'image' }] } }
  if (kind === 'Service') return { ...object, spec: { selector: { app: `app-${next(5)}` }, ports: [{ port: 80 }] } }
  return kind === 'ConfigMap' ? { ...object, data: { value: 'x'.repeat(next(2000)) } } : { ...object, stringData: { value: String(next(1000)) } }
}

/** Events live for an hour: they are deleted here, so that what grows shows. */
async function tidy(http: string, end: number): Promise<void> {
  while (performance.now() < end) {
    await (await fetch(`${http}/api/v1/namespaces/default/events`, { method: 'DELETE' })).arrayBuffer()
    await pause(sampleMillis)
  }
}

async function sample(look: () => void, end: number): Promise<void> {
  while (performance.now() < end) {
    look()
    await pause(sampleMillis)
  }
}

/** Between two collections of garbage memory rises: the lowest of a time is what is really held. */
function lowest(samples: readonly number[], from: number, to: number): number {
  return Math.min(...samples.slice(Math.floor(samples.length * from), Math.max(Math.ceil(samples.length * to), 1)))
}
