// The retained tail of the log in memory, for watches that resume and lists of the past.
import type { WatchEvent } from './store.js'

export interface HistoryLimits {
  /** Upstream's etcd compaction interval is five minutes. */
  ageMillisMax: number
  eventsMax: number
  /** Bytes of JSON of all retained events, more or less. */
  bytesMax: number
}

export const historyLimits: HistoryLimits = { ageMillisMax: 300_000, eventsMax: 100_000, bytesMax: 64 * 1024 * 1024 }

// Compaction rides on writes, a few rows for each, so that no write pays for many and an idle cluster does nothing.
const rowsPerWrite = 4

export class History {
  /** Events of contiguous revisions; before `#start` are only their places. */
  #events: (WatchEvent | undefined)[] = []
  #start = 0
  #bytes = 0
  #compacted: number
  readonly #limits: HistoryLimits

  /** @param compacted the newest revision that is not retained */
  constructor(compacted: number, limits: HistoryLimits = historyLimits) {
    this.#compacted = compacted
    this.#limits = limits
  }

  get compactedRevision(): number {
    return this.#compacted
  }

  add(event: WatchEvent): void {
    this.#events.push(event)
    this.#bytes += event.stored.size
  }

  /** Events after a revision, oldest first, or `compacted`. */
  after(revision: number): readonly WatchEvent[] | 'compacted' {
    if (revision < this.#compacted) return 'compacted'
    return this.#events.slice(this.#start + (revision - this.#compacted)) as WatchEvent[]
  }

  /** Forgets the newest events: the log did not keep them. */
  takeBack(count: number): void {
    for (const event of this.#events.splice(this.#events.length - count) as WatchEvent[]) this.#bytes -= event.stored.size
  }

  /** Takes what is too old or too much, at most a few events for each write. @returns the events taken */
  compact(now: number, writes: number): WatchEvent[] {
    const taken: WatchEvent[] = []
    while (taken.length < rowsPerWrite * writes) {
      const event = this.#events[this.#start]
      if (!event || !this.#isOverdue(event, now)) break
      taken.push(event)
      // Its place may stay for long, its object may be large.
      this.#events[this.#start] = undefined
      this.#bytes -= event.stored.size
      this.#compacted = event.revision
      this.#start++
    }
    // Moving the rest is paid for by as many events taken before.
    if (this.#start > 1024 && this.#start * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
    return taken
  }

  #isOverdue(event: WatchEvent, now: number): boolean {
    return now - event.time > this.#limits.ageMillisMax || this.#events.length - this.#start > this.#limits.eventsMax || this.#bytes > this.#limits.bytesMax
  }
}
