// Folds what controllers have to say: the same event again is counted, a flood of similar ones becomes one, spam is dropped.
// Upstream: client-go/tools/record/events_cache.go
import type { PlannedEvent } from '../machinery/index.js'
import { Recent } from './recent.js'

const entriesMax = 4096
// More than so many messages of one kind within the interval are told as one.
const similarMax = 10
const similarIntervalMillis = 600_000
// A source may say so much about one object at once, and then one thing each interval.
const burst = 25
const refillMillis = 300_000

/** What was last written of an event. */
export interface Written {
  name: string
  count: number
  firstTimestamp: string
}

export interface Correlated {
  /** The event to tell, with its message as it is told. */
  event: PlannedEvent
  /** What the same event is remembered by. */
  key: string
  isSpam: boolean
}

export class EventCorrelator {
  readonly #similar = new Recent<{ messages: Set<string>; last: number }>(entriesMax)
  readonly #tokens = new Recent<{ left: number; since: number }>(entriesMax)
  readonly #written = new Recent<Written>(entriesMax)

  /** @param now milliseconds since the epoch */
  correlate(event: PlannedEvent, now: number): Correlated {
    const aggregateKey = joined(...sourceOf(event), ...objectOf(event), event.type, event.reason)
    const isFlood = this.#isFlood(aggregateKey, event.message, now)
    const told = isFlood ? { ...event, message: `(combined from similar events): ${event.message}` } : event
    const key = isFlood ? aggregateKey : joined(...sourceOf(event), ...objectOf(event), event.regarding.fieldPath, event.type, event.reason, event.message)
    return { event: told, key, isSpam: !this.#spend(joined(...sourceOf(event), ...objectOf(event)), now) }
  }

  written(key: string): Written | undefined {
    return this.#written.get(key)
  }

  remember(key: string, written: Written): void {
    this.#written.set(key, written)
  }

  #isFlood(key: string, message: string, now: number): boolean {
    const known = this.#similar.get(key)
    const record = known && now - known.last <= similarIntervalMillis ? known : { messages: new Set<string>(), last: now }
    record.last = now
    record.messages.add(message)
    this.#similar.set(key, record)
    if (record.messages.size < similarMax) return false
    const [first] = record.messages
    record.messages.delete(first)
    return true
  }

  #spend(key: string, now: number): boolean {
    const bucket = this.#tokens.get(key) ?? { left: burst, since: now }
    // The clock may have been set back: nothing is taken away for that.
    bucket.left = Math.min(burst, bucket.left + Math.max(now - bucket.since, 0) / refillMillis)
    bucket.since = now
    this.#tokens.set(key, bucket)
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }
}

const sourceOf = ({ component, host }: PlannedEvent) => [component, host]

const objectOf = ({ regarding: { kind, namespace, name, uid, apiVersion } }: PlannedEvent) => [kind, namespace, name, uid, apiVersion]

// No part of an event holds this character.
const joined = (...parts: (string | undefined)[]) => parts.join('\u0000')
