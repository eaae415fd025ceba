// Work for later, by a clock whose time of day is set back and forward while its timers run on.
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/cluster/manual-clock.js'
import type { Clock } from '../../src/machinery/index.js'
import { DelayedKeys } from '../../src/manager/delayed-keys.js'

const dayMillis = 86_400_000
/** What timers go by. */
let time: ManualClock
/** How far the time of day is from that. */
let ahead: number
let done: string[]
let keys: DelayedKeys
const add = (id: string, millis: number) => keys.add(id, { namespace: '', name: id }, millis)

beforeEach(() => {
  time = new ManualClock()
  ahead = 0
  done = []
  const clock: Clock = { now: () => time.now() + ahead, after: (millis, work) => time.after(millis, work) }
  keys = new DelayedKeys(clock, ({ name }) => done.push(name))
})

describe('what waits', () => {
  it('comes in the order of its times, and once', () => {
    add('b', 20)
    add('a', 10)
    add('b', 30)
    time.advance(30)
    expect(done).toEqual(['a', 'b'])
    expect(time.nextDue).toBeUndefined()
  })

  it.each([
    ['a second', 1000],
    ['a day', dayMillis],
  ])('waits no longer when the clock is set back by %s', (_, millis) => {
    add('long', 5000)
    ahead = -millis
    // Whoever comes now must not take the place of who was there.
    add('short', 1000)
    time.advance(1000)
    expect(done).toEqual(['short'])
    time.advance(4000)
    expect(done).toEqual(['short', 'long'])
  })

  it('is there when the same comes again after the clock was set back', () => {
    add('one', 5000)
    ahead = -dayMillis
    add('one', 6000)
    time.advance(5000)
    expect(done).toEqual(['one'])
  })

  it('does not keep others waiting when the clock is set forward', () => {
    add('long', 3_600_000)
    ahead = 3650 * dayMillis
    add('short', 1000)
    time.advance(1000)
    // By the time of day the other is long overdue.
    expect(done).toEqual(['long', 'short'])
  })

  it('comes in time when the clock is set far forward, and back again', () => {
    add('before', 5000)
    ahead = 3650 * dayMillis
    add('meanwhile', 5000)
    ahead = 0
    add('after', 5000)
    time.advance(5000)
    expect(new Set(done)).toEqual(new Set(['before', 'meanwhile', 'after']))
  })
})
