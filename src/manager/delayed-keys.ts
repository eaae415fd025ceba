// DelayedKeys: work for later. One timer waits for the earliest key, and none when nothing is pending.
// Timers go by a clock of their own. Where the time of day is set back, what waits is set back with it; where it is set forward, what
// has become due by that is done.
import type { Clock, WorkKey } from '../machinery/index.js'

// How late a timer may be before the clock must have been set forward.
const lateMillisMax = 1000

interface Delayed {
  id: string
  key: WorkKey
  due: number
}

export class DelayedKeys {
  readonly #clock: Clock
  readonly #onDue: (key: WorkKey) => void
  /** A binary heap by due time; entries that were overtaken stay until they surface. */
  readonly #heap: Delayed[] = []
  /** The entry that counts for each key. */
  readonly #current = new Map<string, Delayed>()
  #cancel: (() => void) | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  /** When somebody last looked at the clock. */
  #seen = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, onDue: (key: WorkKey) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Of two times for one key the earlier counts. */
  add(id: string, key: WorkKey, millis: number): void {
    const now = this.#look()
    const due = now + millis
    const present = this.#current.get(id)
    if (!present || present.due > due) {
      const delayed = { id, key, due }
      this.#current.set(id, delayed)
      this.#push(delayed)
    }
    this.#wait(now)
  }

  stop(): void {
    this.#cancel?.()
    this.#heap.length = 0
    this.#current.clear()
  }

  #release = (): void => {
    const now = this.#look()
    // The time of the first one has passed, whatever the clock says: it was set back.
    const behindMillis = this.#heap.length ? this.#heap[0].due - now : 0
    if (behindMillis > 0) this.#setBack(behindMillis)
    this.#cancel = undefined
    this.#wakesAt = Number.POSITIVE_INFINITY
    while (this.#heap.length && this.#heap[0].due <= now) {
      const delayed = this.#pop()
      if (this.#current.get(delayed.id) !== delayed) continue
      this.#current.delete(delayed.id)
      this.#onDue(delayed.key)
    }
    this.#wait(now)
  }

  /** The time now. */
  #look(): number {
    const now = this.#clock.now()
    if (now < this.#seen) this.#setBack(this.#seen - now)
    this.#seen = now
    return now
  }

  #setBack(millis: number): void {
    for (const delayed of this.#heap) delayed.due -= millis
    // The timer is set anew.
    this.#cancel?.()
    this.#cancel = undefined
    this.#wakesAt = Number.POSITIVE_INFINITY
  }

  #wait(now: number): void {
    const first = this.#heap[0]
    const isSetForward = this.#wakesAt < now - lateMillisMax
    if (!first || (first.due >= this.#wakesAt && !isSetForward)) return
    this.#cancel?.()
    this.#wakesAt = Math.max(first.due, now)
    this.#cancel = this.#clock.after(this.#wakesAt - now, this.#release)
  }

  #push(delayed: Delayed): void {
    const heap = this.#heap
    let at = heap.push(delayed) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent].due <= delayed.due) break
      heap[at] = heap[parent]
      at = parent
    }
    heap[at] = delayed
  }

  #pop(): Delayed {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop() as Delayed
    if (!heap.length) return first
    let at = 0
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && heap[child + 1].due < heap[child].due) child++
      if (heap[child].due >= last.due) break
      heap[at] = heap[child]
      at = child
    }
    heap[at] = last
    return first
  }
}
