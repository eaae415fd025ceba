// The queue of one controller.
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/cluster/manual-clock.js'
import { WorkQueue } from '../../src/manager/work-queue.js'

const key = (name: string) => ({ namespace: 'n', name })

function openQueue() {
  const clock = new ManualClock()
  let wakes = 0
  const queue = new WorkQueue(clock, () => wakes++)
  const takeAll = () => {
    const names: string[] = []
    for (let next = queue.take(); next; next = queue.take()) {
      names.push(next.name)
      queue.done(next)
    }
    return names
  }
  return { clock, queue, takeAll, wakes: () => wakes }
}

describe('a work queue', () => {
  it('gives keys in the order they came', () => {
    const { queue, takeAll } = openQueue()
    for (const name of ['c', 'a', 'b']) queue.add(key(name))
    expect(takeAll()).toEqual(['c', 'a', 'b'])
  })

  it('keeps its order over thousands of keys', () => {
    const { queue, takeAll } = openQueue()
    const names = Array.from({ length: 5000 }, (_, index) => String(index))
    for (const name of names) queue.add(key(name))
    expect(takeAll()).toEqual(names)
  })

  it('holds a key once, however often it is added, and says so once', () => {
    const { queue, takeAll, wakes } = openQueue()
    for (let time = 0; time < 5; time++) queue.add(key('a'))
    expect(queue.length).toBe(1)
    expect(wakes()).toBe(1)
    expect(takeAll()).toEqual(['a'])
  })

  it('tells apart keys of different kinds', () => {
    const { queue, takeAll } = openQueue()
    queue.add({ resource: 'v1/pods', ...key('a') })
    queue.add({ resource: 'v1/services', ...key('a') })
    expect(takeAll()).toEqual(['a', 'a'])
  })

  it('never gives a key that is worked on, and gives it again afterwards', () => {
    const { queue } = openQueue()
    queue.add(key('a'))
    const taken = queue.take()
    queue.add(key('a'))
    queue.add(key('a'))
    expect(queue.take()).toBeUndefined()
    expect(queue.isIdle).toBe(false)
    queue.done(taken as never)
    expect(queue.take()).toEqual(key('a'))
    expect(queue.take()).toBeUndefined()
  })

  it('brings a failure back twice as late each time, and at once after a success', () => {
    const { clock, queue } = openQueue()
    const waits: number[] = []
    queue.add(key('a'))
    for (let failure = 0; failure < 10; failure++) {
      queue.failed(queue.take() as never)
      expect(queue.take()).toBeUndefined()
      waits.push((clock.nextDue as number) - clock.now())
      clock.advance(waits[failure])
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560])
    queue.done(queue.take() as never)
    queue.add(key('a'))
    queue.failed(queue.take() as never)
    expect((clock.nextDue as number) - clock.now()).toBe(5)
  })

  it('waits no longer than a thousand seconds for a failure', () => {
    const { clock, queue } = openQueue()
    queue.add(key('a'))
    for (let failure = 0; failure < 40; failure++) {
      queue.failed(queue.take() as never)
      expect((clock.nextDue as number) - clock.now()).toBeLessThanOrEqual(1_000_000)
      clock.advance(1_000_000)
    }
  })

  it('brings what is outdated back at once, but not for ever', () => {
    const { clock, queue } = openQueue()
    queue.add(key('a'))
    let rounds = 0
    for (let next = queue.take(); next; next = queue.take(), rounds++) queue.outdated(next)
    expect(rounds).toBeLessThan(10)
    expect(clock.nextDue).toBeDefined()
  })

  it('keeps the earlier of two times for a key', () => {
    const { clock, queue, takeAll } = openQueue()
    queue.addAfter(key('a'), 100)
    queue.addAfter(key('a'), 30)
    queue.addAfter(key('a'), 200)
    clock.advance(29)
    expect(takeAll()).toEqual([])
    clock.advance(1)
    expect(takeAll()).toEqual(['a'])
    clock.advance(1000)
    expect(takeAll()).toEqual([])
  })

  it('releases delayed keys in the order of their times, with one timer at a time', () => {
    const { clock, queue, takeAll } = openQueue()
    for (const millis of [50, 10, 40, 20, 30]) queue.addAfter(key(String(millis)), millis)
    const taken: string[] = []
    while (clock.nextDue !== undefined) {
      clock.advance(clock.nextDue - clock.now())
      taken.push(...takeAll())
    }
    expect(taken).toEqual(['10', '20', '30', '40', '50'])
  })

  it('wants nothing of the clock when nothing is delayed', () => {
    const { clock, queue, takeAll } = openQueue()
    queue.add(key('a'))
    takeAll()
    expect(clock.nextDue).toBeUndefined()
  })

  it('waits as long as it was told to when the clock is set back meanwhile', () => {
    const timers = new ManualClock()
    let behindMillis = 0
    const queue = new WorkQueue({ now: () => timers.now() - behindMillis, after: (millis, work) => timers.after(millis, work) }, () => {})
    queue.addAfter(key('soon'), 1000)
    queue.addAfter(key('later'), 5000)
    behindMillis = 3_600_000
    timers.advance(1000)
    expect(queue.take()).toEqual(key('soon'))
    timers.advance(3999)
    expect(queue.take()).toBeUndefined()
    timers.advance(1)
    expect(queue.take()).toEqual(key('later'))
    expect(timers.nextDue).toBeUndefined()
  })
})
