// The encoded messages of objects that were asked for lately. Stored objects never change, so neither do their messages.
import { ownBytes } from '../machinery/index.js'
import type { Answer } from '../registry/index.js'

type Stored = NonNullable<Answer['stored']>

// Of each generation; there are two.
const generationBytesMax = 4 * 1024 * 1024

export class RecentObjects {
  /** What the log itself has forgotten must not live on here: with the object its message goes. */
  #young = new WeakMap<Stored, Buffer>()
  #youngBytes = 0
  /** What was young before; what is asked for again is young again, the rest is forgotten in time. */
  #old = new WeakMap<Stored, Buffer>()

  bytes(stored: Stored, make: () => Buffer): Buffer {
    const known = this.#young.get(stored)
    if (known) return known
    const bytes = this.#old.get(stored) ?? ownBytes(make())
    if (this.#youngBytes + bytes.length > generationBytesMax) {
      this.#old = this.#young
      this.#young = new WeakMap()
      this.#youngBytes = 0
    }
    this.#young.set(stored, bytes)
    this.#youngBytes += bytes.length
    return bytes
  }
}
