// DelayedKeys: work for later. One timer waits for the earliest key, and none when nothing is pending.
import type { Clock, WorkKey } from '../machinery/index.js'

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

  constructor(clock: Clock, onDue: (key: WorkKey) => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Of two times for one key the earlier counts. */
  add(id: string, key: WorkKey, millis: number): void {
    const due = this.#clock.now() + millis
    const present = this.#current.get(id)
    if (present && present.due <= due) return
    const delayed = { id, key, due }
    this.#current.set(id, delayed)
    this.#push(delayed)
    this.#wait()
  }

  stop(): void {
    this.#cancel?.()
    this.#heap.length = 0
    this.#current.clear()
  }

  #release = (): void => {
    const now = this.#clock.now()
    // That time has passed, whatever the clock says: it was set back, and with it all that waits.
    const behindMillis = this.#wakesAt - now
    if (behindMillis > 0) for (const delayed of this.#heap) delayed.due -= behindMillis
    this.#cancel = undefined
    this.#wakesAt = Number.POSITIVE_INFINITY
    while (this.#heap.length && this.#heap[0].due <= now) {
      const delayed = this.#pop()
      if (this.#current.get(delayed.id) !== delayed) continue
      this.#current.delete(delayed.id)
      this.#onDue(delayed.key)
    }
    this.#wait()
  }

  #wait(): void {
    const first = this.#heap[0]
    if (!first || first.due >= this.#wakesAt) return
    this.#cancel?.()
    this.#wakesAt = first.due
    this.#cancel = this.#clock.after(Math.max(first.due - this.#clock.now(), 0), this.#release)
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
