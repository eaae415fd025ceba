// Rotation: whose turn it is among controllers. Each looks at as many keys as waited when its turn began, up to a number.
import type { Subscriber } from './triggers.js'

export class Rotation {
  readonly #members: readonly Subscriber[]
  readonly #keysMax: number
  #turn = -1
  #keysLeft = 0

  constructor(members: readonly Subscriber[], keysMax = Number.POSITIVE_INFINITY) {
    this.#members = members
    this.#keysMax = keysMax
  }

  /** Who looks at a key next; nobody at the end of a round. */
  next(): Subscriber | undefined {
    for (;;) {
      const member = this.#members[this.#turn]
      if (member && this.#keysLeft > 0 && member.queue.length) {
        this.#keysLeft--
        return member
      }
      this.#turn++
      if (this.#turn === this.#members.length) {
        this.#turn = -1
        return undefined
      }
      this.#keysLeft = Math.min(this.#members[this.#turn].queue.length, this.#keysMax)
    }
  }
}
