// Elements of lists that are owned one by one, and how managed fields name them: `k:{"name":"web"}`, `v:"a"`.
// Upstream: structured-merge-diff typed/helpers.go listItemToPathElement, fieldpath/serialize-pe.go
import { isObject } from '../object.js'
import type { ListKey, OwnedList } from './owned-type.js'

export interface ListItem {
  /** As managed fields have it. */
  key: string
  /** Values of the key fields, or the element of a set: what elements are sorted by. */
  values: unknown[]
  item: unknown
}

/** An element that cannot be told apart: upstream's words. */
export class NamelessItem extends Error {
  readonly index: number
  constructor(index: number, message: string) {
    super(message)
    this.index = index
  }
}

/** Items in the order of the list. @throws {NamelessItem} */
export function itemsOf(type: OwnedList | { kind: 'set' }, list: readonly unknown[]): ListItem[] {
  return list.map((item, index) => {
    const named = type.kind === 'set' ? setItem(item) : keyedItem(type.keys, item)
    if (typeof named === 'string') throw new NamelessItem(index, named)
    return named
  })
}

/** Items in the order of managed fields. @throws {NamelessItem} */
export function sortedItemsOf(type: OwnedList | { kind: 'set' }, list: readonly unknown[]): ListItem[] {
  const items = itemsOf(type, list)
  return items.length > insertedMax ? items.sort(compareItems) : insertionSorted(items)
}

// Most lists are shorter; for them, asking the engine to sort costs more than sorting.
const insertedMax = 16

function insertionSorted(items: ListItem[]): ListItem[] {
  for (let index = 1; index < items.length; index++) {
    const item = items[index]
    let at = index
    for (; at > 0 && compareItems(items[at - 1], item) > 0; at--) items[at] = items[at - 1]
    items[at] = item
  }
  return items
}

/** The element with its name, or why it has none. */
export function keyedItem(keys: readonly ListKey[], item: unknown): ListItem | string {
  if (item === null || item === undefined) return 'associative list with keys may not have a null element'
  if (!isObject(item)) return 'associative list with keys may not have non-map elements'
  const values: unknown[] = []
  let text = 'k:{'
  for (const { name, default: fallback } of keys) {
    const value = Object.hasOwn(item, name) && item[name] !== undefined ? item[name] : fallback
    if (value === undefined) return `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`
    text += `${values.length ? ',' : ''}"${name}":${JSON.stringify(value)}`
    values.push(value)
  }
  return { key: `${text}}`, values, item }
}

/** The same of a set. */
export function setItem(item: unknown): ListItem | string {
  if (isObject(item)) return "associative list without keys has an element that's a map type"
  if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
  if (item === null || item === undefined) return "associative list without keys has an element that's an explicit null"
  return { key: `v:${JSON.stringify(item)}`, values: [item], item }
}

/** Whether two lists name the same elements in the same order, each by scalars that are written in one way: found without making the names. */
export function haveSameNames(type: OwnedList | { kind: 'set' }, one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  if (type.kind === 'set') return one.every((item, index) => item === other[index])
  return one.every((item, index) => type.keys.every(({ name, default: fallback }) => isSameKey(item, other[index], name, fallback)))
}

function isSameKey(one: unknown, other: unknown, name: string, fallback: unknown): boolean {
  if (!isObject(one) || !isObject(other)) return false
  const value = one[name] ?? fallback
  return value !== undefined && typeof value !== 'object' && value === (other[name] ?? fallback)
}

export function compareItems(one: { values: unknown[] }, other: { values: unknown[] }): number {
  for (let index = 0; index < one.values.length; index++) {
    const order = compareScalars(one.values[index], other.values[index])
    if (order) return order
  }
  return 0
}

// Upstream: structured-merge-diff value/value.go Compare: numbers, then strings, then booleans, then the rest
const ranks: Record<string, number> = { number: 0, string: 1, boolean: 2 }

export function compareScalars(one: unknown, other: unknown): number {
  if (one === other) return 0
  const [rank, otherRank] = [ranks[typeof one] ?? 3, ranks[typeof other] ?? 3]
  if (rank !== otherRank) return rank - otherRank
  if (rank === 3) return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1
  return (one as string) < (other as string) ? -1 : 1
}
