// Conversations with a real control plane, said over gRPC: what was answered to REST is answered here.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/cluster/index.js'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { connect } from '../conformance/client.js'
import { play } from '../conformance/player.js'
import { readRecordings } from '../conformance/recording.js'
import { type Relay, relayOver } from './relay.js'

// Those that the recorded control plane lacked.
const absent = ['kube-scheduler', 'service-lb-controller', 'node-lifecycle-controller', 'taint-eviction-controller', 'pod-garbage-collector-controller']
// What is written and refused; the other recordings are about controllers, watches and discovery.
const played = [
  'apply',
  'listing',
  'metadata',
  'namespaces',
  'networking',
  'nodes',
  'options',
  'pod-defaults',
  'pod-updates',
  'pod-validation',
  'secrets-and-accounts',
  'service-defaults',
  'service-validation',
  'strategic-merge',
  'workloads',
]

// Unknown fields are named in their order, and keys of a Struct have none.
const unordered = ['recordings/options/post-3 strict refuses unknown fields']

let server: Kubedouble
let relay: Relay
beforeAll(async () => {
  // The recorded managers wrote within one second, and stand in another order when they do not.
  const begun = Date.now()
  const clock = { now: () => begun, after: systemClock.after }
  server = await startKubedouble({ clock, nodes: 0, controllers: ['*', ...absent.map((name) => `-${name}`)] })
  relay = relayOver(server.grpc as string, connect({ server: server.http as string }))
})
afterAll(async () => {
  relay?.close()
  await server?.close()
})

const recordings = readRecordings().filter(({ name }) => played.includes(name))

it.each(recordings.map((recording) => [recording.name, recording] as const))('%s', async (_name, recording) => {
  const outcomes = await play(recording, relay)
  const told = outcomes.filter(({ check }) => !unordered.includes(check))
  const wrong = told.map(({ check, differences }) => ({
    check,
    differences: differences.filter((each) => !/fieldsV1.*expected members in the order/.test(each)),
  }))
  expect(wrong.filter(({ differences }) => differences.length)).toEqual([])
})

it('most of it could be said', () => {
  expect(recordings.map(({ name }) => name)).toEqual(played)
  expect(relay.counts.relayed).toBeGreaterThan(3 * relay.counts.left)
})
