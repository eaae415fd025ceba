// A clock that stands still until it is told to move on.
import type { Clock } from '../machinery/index.js'

interface Waiting {
  due: number
  work: () => void
}

export class ManualClock implements Clock {
  #now: number
  readonly #waiting = new Set<Waiting>()

  /** @param now milliseconds since the epoch */
  constructor(now: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(millis: number, work: () => void): () => void {
    const waiting = { due: this.#now + Math.max(millis, 0), work }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  /** When the next work is due, or nothing when none waits. */
  get nextDue(): number | undefined {
    return this.#next()?.due
  }

  /** Moves time on and does what falls due on the way, in order, each at its own moment. */
  advance(millis: number): void {
    const end = this.#now + millis
    for (let next = this.#next(); next && next.due <= end; next = this.#next()) {
      this.#waiting.delete(next)
      this.#now = Math.max(this.#now, next.due)
      next.work()
    }
    this.#now = end
  }

  // Of equals the first that came: a Set keeps their order.
  #next(): Waiting | undefined {
    let first: Waiting | undefined
    for (const waiting of this.#waiting) if (!first || waiting.due < first.due) first = waiting
    return first
  }
}
