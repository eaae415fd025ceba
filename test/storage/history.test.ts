// History: the retained tail of the log. What it is asked is in the tests of the store; here is what it keeps.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { History } from '../../src/storage/history.js'
import type { WatchEvent } from '../../src/storage/store.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

it('keeps nothing of an event that it has forgotten', async () => {
  const history = new History(0, { ageMillisMax: 10, eventsMax: 100, bytesMax: 1e9 })
  const add = (revision: number, time: number) => {
    const event = { type: 'ADDED', revision, time, stored: { size: 1 } } as unknown as WatchEvent
    history.add(event)
    return new WeakRef(event)
  }
  const events = [add(1, 0), add(2, 0), add(3, 100)]
  expect(history.compact(100, 1).map(({ revision }) => revision)).toEqual([1, 2])
  // What a WeakRef has shown stays until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(events.map((event) => event.deref()?.revision)).toEqual([undefined, undefined, 3])
  expect([history.after(2), history.after(1)]).toEqual([[events[2].deref()], 'compacted'])
})
