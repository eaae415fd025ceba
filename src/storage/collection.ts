// The objects of one resource in key order.
import { lowerBound, type ObjectKey } from '../machinery/index.js'
import type { Stored } from './store.js'
import { pathOf } from './stored-object.js'

// So few are put into their places one by one; more are sorted and merged.
const insertedOneByOneMax = 16
const goneMin = 64

/** Order is made when somebody lists: of a hundred thousand Events few are ever listed, and each would move all behind it. */
export class Collection {
  readonly #byPath = new Map<string, Stored>()
  /** Paths in order; the objects are looked up, so that an update moves nothing. */
  #paths: string[] = []
  /** New paths that have no place among the others yet. */
  #added: string[] = []
  /** Paths that still have a place, and no object any longer. */
  readonly #gone = new Set<string>()

  get size(): number {
    return this.#byPath.size
  }

  get(key: ObjectKey): Stored | undefined {
    return this.#byPath.get(pathOf(key))
  }

  set(stored: Stored): void {
    const { path } = stored
    if (!this.#byPath.has(path) && !this.#gone.delete(path)) this.#add(path)
    this.#byPath.set(path, stored)
  }

  delete(key: ObjectKey): void {
    const path = pathOf(key)
    if (!this.#byPath.delete(path)) return
    this.#gone.add(path)
    if (this.#gone.size > goneMin && this.#gone.size > this.#byPath.size) this.#dropGone()
  }

  list(namespace?: string): Stored[] {
    this.#putInPlace()
    // The character after '/' ends the range of a namespace.
    const [from, to] = namespace ? [lowerBound(this.#paths, `${namespace}/`), lowerBound(this.#paths, `${namespace}0`)] : [0, this.#paths.length]
    const found: Stored[] = []
    for (let index = from; index < to; index++) {
      const stored = this.#byPath.get(this.#paths[index])
      if (stored) found.push(stored)
    }
    return found
  }

  #add(path: string): void {
    const { length } = this.#paths
    if (!this.#added.length && (!length || this.#paths[length - 1] < path)) this.#paths.push(path)
    else this.#added.push(path)
  }

  #dropGone(): void {
    const isThere = (path: string) => this.#byPath.has(path)
    this.#paths = this.#paths.filter(isThere)
    this.#added = this.#added.filter(isThere)
    this.#gone.clear()
  }

  #putInPlace(): void {
    const added = this.#added
    if (!added.length) return
    this.#added = []
    if (added.length <= insertedOneByOneMax) for (const path of added) this.#paths.splice(lowerBound(this.#paths, path), 0, path)
    else this.#paths = merge(this.#paths, added.sort())
  }
}

function merge(one: readonly string[], other: readonly string[]): string[] {
  const merged: string[] = new Array(one.length + other.length)
  let [next, otherNext] = [0, 0]
  for (let index = 0; index < merged.length; index++) {
    const isOther = next === one.length || (otherNext < other.length && other[otherNext] < one[next])
    merged[index] = isOther ? other[otherNext++] : one[next++]
  }
  return merged
}
