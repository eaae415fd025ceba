// WorkQueue: the keys one controller has to look at.
// Fair: keys come out in the order they went in. Stingy: a key waits once, however often it is added. Never concurrent:
// a key added while it is worked on waits until that is done. Patient: failures come back later and later.
// Upstream: client-go/util/workqueue queue.go, delaying_queue.go, default_rate_limiters.go
import { type Clock, formatWorkKey, type WorkKey } from '../machinery/index.js'
import { DelayedKeys } from './delayed-keys.js'

const backOffMillisMin = 5
const backOffMillisMax = 1_000_000
const outdatedMax = 3

export class WorkQueue {
  #waiting: WorkKey[] = []
  #head = 0
  readonly #isWaiting = new Set<string>()
  /** What is worked on, and whether it was added again meanwhile. */
  readonly #working = new Map<string, boolean>()
  readonly #failures = new Map<string, number>()
  readonly #delayed: DelayedKeys
  readonly #onReady: () => void

  /** @param onReady called when there is something to take */
  constructor(clock: Clock, onReady: () => void) {
    this.#delayed = new DelayedKeys(clock, (key) => this.add(key))
    this.#onReady = onReady
  }

  /** How many keys can be taken now. */
  get length(): number {
    return this.#waiting.length - this.#head
  }

  get isIdle(): boolean {
    return this.length === 0 && this.#working.size === 0
  }

  add(key: WorkKey): void {
    const id = formatWorkKey(key)
    if (this.#working.has(id)) {
      this.#working.set(id, true)
    } else if (!this.#isWaiting.has(id)) {
      this.#isWaiting.add(id)
      this.#waiting.push(key)
      this.#onReady()
    }
  }

  addAfter(key: WorkKey, millis: number): void {
    if (millis <= 0) this.add(key)
    else this.#delayed.add(formatWorkKey(key), key, millis)
  }

  /** The next key to work on; `done` or `failed` must follow. */
  take(): WorkKey | undefined {
    if (this.#head === this.#waiting.length) return undefined
    const key = this.#waiting[this.#head++]
    // Let go of what was taken, without moving the rest each time.
    if (this.#head > 1024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
    const id = formatWorkKey(key)
    this.#isWaiting.delete(id)
    this.#working.set(id, false)
    return key
  }

  /** The work succeeded. */
  done(key: WorkKey): void {
    this.#failures.delete(formatWorkKey(key))
    this.#finish(key)
  }

  /** The work did not succeed: the key comes again, twice as late as the last time. */
  failed(key: WorkKey): void {
    const id = formatWorkKey(key)
    const failures = this.#failures.get(id) ?? 0
    this.#failures.set(id, failures + 1)
    this.#finish(key)
    this.addAfter(key, Math.min(backOffMillisMin * 2 ** failures, backOffMillisMax))
  }

  /** The world moved on under the work: the key comes again at once, unless that goes on and on. */
  outdated(key: WorkKey): void {
    const id = formatWorkKey(key)
    const failures = this.#failures.get(id) ?? 0
    if (failures < outdatedMax) {
      this.#failures.set(id, failures + 1)
      this.#finish(key)
      this.add(key)
    } else {
      this.failed(key)
    }
  }

  stop(): void {
    this.#waiting = []
    this.#head = 0
    this.#isWaiting.clear()
    this.#delayed.stop()
  }

  #finish(key: WorkKey): void {
    const id = formatWorkKey(key)
    const wasAddedAgain = this.#working.get(id)
    this.#working.delete(id)
    if (wasAddedAgain) this.add(key)
  }
}
