// The objects of one resource in key order.
import type { ObjectKey } from '../machinery/index.js'
import type { Stored } from './store.js'

// Keys sort as paths do: `a-b/x` before `a/x`.
const pathOf = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`

export class Collection {
  readonly #byPath = new Map<string, Stored>()
  /** Paths in order; the objects are looked up, so that an update moves nothing. */
  readonly #paths: string[] = []

  get size(): number {
    return this.#byPath.size
  }

  get(key: ObjectKey): Stored | undefined {
    return this.#byPath.get(pathOf(key))
  }

  set(stored: Stored): void {
    const path = pathOf(stored)
    if (!this.#byPath.has(path)) this.#insert(path)
    this.#byPath.set(path, stored)
  }

  delete(key: ObjectKey): void {
    const path = pathOf(key)
    if (!this.#byPath.delete(path)) return
    this.#paths.splice(this.#lowerBound(path), 1)
  }

  list(namespace?: string): Stored[] {
    // The character after '/' ends the range of a namespace.
    const [from, to] = namespace ? [this.#lowerBound(`${namespace}/`), this.#lowerBound(`${namespace}0`)] : [0, this.#paths.length]
    const found: Stored[] = new Array(to - from)
    for (let index = from; index < to; index++) found[index - from] = this.#byPath.get(this.#paths[index]) as Stored
    return found
  }

  #insert(path: string): void {
    const last = this.#paths.length - 1
    if (last < 0 || this.#paths[last] < path) this.#paths.push(path)
    else this.#paths.splice(this.#lowerBound(path), 0, path)
  }

  #lowerBound(path: string): number {
    let low = 0
    let high = this.#paths.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#paths[middle] < path) low = middle + 1
      else high = middle
    }
    return low
  }
}
