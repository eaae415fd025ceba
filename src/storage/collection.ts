// The objects of one resource in key order.
import { lowerBoundBy, type ObjectKey } from '../machinery/index.js'
import type { Stored } from './store.js'

// So few are put into their places one by one; more are sorted and merged.
const insertedOneByOneMax = 16
const goneMin = 64

/** The place of an object in the order, whichever state it has. */
interface Slot {
  readonly path: string
  /** Absent when it is gone. */
  stored: Stored | undefined
}

/** Order is made when somebody lists: of a hundred thousand Events few are ever listed, and each would move all behind it. */
export class Collection {
  /** By namespace and name, which are texts that exist: a path would be made to look for it. */
  readonly #slots = new Map<string, Map<string, Slot>>()
  #size = 0
  /** In order. An update moves nothing, and what is gone stays for a while. */
  #ordered: Slot[] = []
  /** New ones that have no place among the others yet. */
  #added: Slot[] = []
  #gone = 0

  get size(): number {
    return this.#size
  }

  get({ namespace, name }: ObjectKey): Stored | undefined {
    return this.#slots.get(namespace)?.get(name)?.stored
  }

  set(stored: Stored): void {
    const { namespace, name, path } = stored
    let names = this.#slots.get(namespace)
    if (!names) {
      names = new Map()
      this.#slots.set(namespace, names)
    }
    const slot = names.get(name)
    if (slot) {
      slot.stored = stored
      return
    }
    const added = { path, stored }
    names.set(name, added)
    this.#size++
    this.#add(added)
  }

  delete({ namespace, name }: ObjectKey): void {
    const names = this.#slots.get(namespace)
    const slot = names?.get(name)
    if (!names || !slot) return
    slot.stored = undefined
    names.delete(name)
    if (!names.size) this.#slots.delete(namespace)
    this.#size--
    this.#gone++
    if (this.#gone > goneMin && this.#gone > this.#size) this.#dropGone()
  }

  list(namespace?: string): Stored[] {
    this.#putInPlace()
    // The character after '/' ends the range of a namespace.
    const [from, to] = namespace ? [firstAt(this.#ordered, `${namespace}/`), firstAt(this.#ordered, `${namespace}0`)] : [0, this.#ordered.length]
    const found: Stored[] = []
    for (let index = from; index < to; index++) {
      const { stored } = this.#ordered[index]
      if (stored) found.push(stored)
    }
    return found
  }

  #add(slot: Slot): void {
    const last = this.#ordered.at(-1)
    if (!this.#added.length && (!last || last.path < slot.path)) this.#ordered.push(slot)
    else this.#added.push(slot)
  }

  #dropGone(): void {
    const isThere = ({ stored }: Slot) => stored !== undefined
    this.#ordered = this.#ordered.filter(isThere)
    this.#added = this.#added.filter(isThere)
    this.#gone = 0
  }

  #putInPlace(): void {
    const added = this.#added
    if (!added.length) return
    this.#added = []
    if (added.length <= insertedOneByOneMax) for (const slot of added) this.#ordered.splice(firstAt(this.#ordered, slot.path), 0, slot)
    else this.#ordered = merge(this.#ordered, added.sort(byPath))
  }
}

const byPath = (one: Slot, other: Slot) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0)

const firstAt = (slots: readonly Slot[], path: string) => lowerBoundBy(slots, (slot) => slot.path, path)

function merge(one: readonly Slot[], other: readonly Slot[]): Slot[] {
  const merged: Slot[] = new Array(one.length + other.length)
  let [next, otherNext] = [0, 0]
  for (let index = 0; index < merged.length; index++) {
    const isOther = next === one.length || (otherNext < other.length && other[otherNext].path < one[next].path)
    merged[index] = isOther ? other[otherNext++] : one[next++]
  }
  return merged
}
