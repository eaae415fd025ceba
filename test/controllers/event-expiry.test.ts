// How long events are remembered.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Event } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const events = 'v1/events'
const names = () => cluster.list<Event>(events).map(({ metadata }) => metadata.name)

beforeEach(() => {
  cluster = openTestCluster({ only: ['event-expiry'] })
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  cluster.close()
})

function tell(name: string): void {
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
  const time = new Date(cluster.clock.now()).toISOString().replace(/\.\d+/, '')
  cluster.create(events, { metadata: { name }, involvedObject, reason: 'R', message: 'm', lastTimestamp: time, count: 1, type: 'Normal' })
}

it('forgets an event an hour after it last happened', async () => {
  tell('once')
  tell('again')
  await cluster.advance(1_800_000)
  cluster.patch(events, 'again', { count: 2, lastTimestamp: new Date(cluster.clock.now()).toISOString().replace(/\.\d+/, '') })
  await cluster.advance(1_700_000)
  expect(names()).toEqual(['again', 'once'])
  await cluster.advance(200_000)
  expect(names()).toEqual(['again'])
  await cluster.advance(1_800_000)
  expect(names()).toEqual([])
})

it('waits for nothing when there are no events', async () => {
  await cluster.settled()
  expect(cluster.clock.nextDue).toBeUndefined()
  for (let index = 0; index < 20; index++) tell(`e-${index}`)
  await cluster.advance(4_000_000)
  expect(names()).toEqual([])
  expect(cluster.clock.nextDue).toBeUndefined()
})
