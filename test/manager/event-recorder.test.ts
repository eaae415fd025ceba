// Events as controllers' recorders write them.
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/cluster/manual-clock.js'
import type { PlannedEvent } from '../../src/machinery/index.js'
import { EventRecorder } from '../../src/manager/event-recorder.js'
import { type Event, event as eventKind } from '../../src/resources/index.js'
import { openRealm, testNamespace } from '../support/realm.js'

const writer = { fieldManager: 'kubelet', username: 'system:node:node-0' }
const pulled: PlannedEvent = {
  regarding: { kind: 'Pod', apiVersion: 'v1', namespace: testNamespace, name: 'web', uid: 'u' },
  type: 'Normal',
  reason: 'Pulled',
  message: 'all there',
  component: 'kubelet',
  host: 'node-0',
}
const scheduled: PlannedEvent = { ...pulled, reason: 'Scheduled', action: 'Binding', component: 'default-scheduler', host: 'default-scheduler-x' }

let clock: ManualClock
let recorder: EventRecorder
let events: () => Event[]

beforeEach(() => {
  clock = new ManualClock(Date.parse('2026-11-22T11:05:39Z'))
  const { realm } = openRealm({ clock })
  recorder = new EventRecorder(realm)
  events = () => realm.store.list(eventKind.key).map(({ object }) => object as unknown as Event)
})

const record = (event: PlannedEvent) => recorder.record(event, writer)

describe('an event', () => {
  it('is told as the older recorder does', () => {
    record(pulled)
    expect(events()).toMatchObject([
      {
        metadata: { name: 'web.18ea59416d2d5e00', namespace: testNamespace },
        involvedObject: pulled.regarding,
        reason: 'Pulled',
        message: 'all there',
        source: { component: 'kubelet', host: 'node-0' },
        firstTimestamp: '2026-11-22T11:05:39Z',
        lastTimestamp: '2026-11-22T11:05:39Z',
        count: 1,
        type: 'Normal',
        reportingComponent: 'kubelet',
        reportingInstance: 'node-0',
      },
    ])
  })

  it('that comes again is counted', () => {
    record(pulled)
    clock.advance(5000)
    record({ ...pulled, regarding: { ...pulled.regarding, resourceVersion: '77' } })
    expect(events()).toMatchObject([{ count: 2, firstTimestamp: '2026-11-22T11:05:39Z', lastTimestamp: '2026-11-22T11:05:44Z' }])
  })

  it('of another message is another event, with a name of its own even at the same moment', () => {
    record(pulled)
    record({ ...pulled, message: 'not all there' })
    expect(new Set(events().map(({ metadata }) => metadata.name)).size).toBe(2)
  })

  it('that was deleted meanwhile is told anew, and its count goes on', () => {
    const { realm } = openRealm({ clock })
    const own = new EventRecorder(realm)
    own.record(pulled, writer)
    const [{ object }] = realm.store.list(eventKind.key)
    const key = { namespace: testNamespace, name: object.metadata.name as string }
    realm.store.append([
      {
        type: 'DELETED',
        resource: eventKind.key,
        key,
        object: { ...object, metadata: { ...object.metadata, resourceVersion: String(realm.store.nextRevision) } },
      },
    ])
    clock.advance(1000)
    own.record(pulled, writer)
    expect(realm.store.list(eventKind.key).map((stored) => (stored.object as unknown as Event).count)).toEqual([2])
  })

  it('among many that are alike is combined with them', () => {
    for (let index = 0; index < 14; index++) record({ ...pulled, message: `attempt ${index}` })
    const combined = events().filter(({ message }) => message?.startsWith('(combined from similar events): '))
    expect(events().length).toBe(10)
    expect(combined).toMatchObject([{ count: 5, message: '(combined from similar events): attempt 13' }])
  })

  it('is dropped when there have been too many of the same object', () => {
    for (let index = 0; index < 40; index++) record({ ...pulled, reason: `Reason${index}` })
    expect(events().length).toBe(25)
    clock.advance(300_000)
    for (let index = 0; index < 5; index++) record({ ...pulled, reason: `Later${index}` })
    expect(events().length).toBe(26)
  })

  it('of an object of the cluster lies in default, and is no concern where there is none', () => {
    record({ ...pulled, regarding: { kind: 'Node', apiVersion: 'v1', name: 'node-0' } })
    expect(events()).toEqual([])
  })

  it('of the scheduler is told as the newer recorder does, and becomes a series', () => {
    record(scheduled)
    expect(events()).toMatchObject([
      {
        involvedObject: scheduled.regarding,
        message: 'all there',
        eventTime: '2026-11-22T11:05:39.000000Z',
        action: 'Binding',
        reportingComponent: 'default-scheduler',
        reportingInstance: 'default-scheduler-x',
        firstTimestamp: null,
      },
    ])
    clock.advance(1000)
    record(scheduled)
    record(scheduled)
    expect(events()).toMatchObject([{ series: { count: 2, lastObservedTime: '2026-11-22T11:05:40.000000Z' } }])
    clock.advance(400_000)
    record(scheduled)
    expect(events().length).toBe(2)
  })
})
