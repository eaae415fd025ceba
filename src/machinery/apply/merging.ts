// An applied configuration laid over an object, and parts taken out of an object again. Results share what they can.
// Upstream: structured-merge-diff typed/{merge,remove,tofieldset}.go, fieldpath/set.go EnsureNamedFieldsAreMembers
import { deepEqual } from '../equality.js'
import { type FieldsV1, type Plain, setMember } from '../object.js'
import { hasNothing, sortedKeys } from './comparison.js'
import { type FieldSet, isOwned, leaf } from './field-set.js'
import { haveSameNames, itemsOf, type ListItem, sortedItemsOf } from './list-items.js'
import type { OwnedList, OwnedStruct, OwnedType } from './owned-type.js'

type ItemList = OwnedList | { kind: 'set' }
const leafType: OwnedType = { kind: 'leaf' }
const itemType = (type: ItemList): OwnedType => (type.kind === 'set' ? leafType : type.of)

/** `live` with everything that `configuration` says. Nothing is removed by this; parts of which nothing new is said are those of `live`. */
export function mergeConfiguration(type: OwnedType, live: unknown, configuration: unknown): unknown {
  if (configuration === undefined) return live
  if (live === undefined) return configuration
  if (type.kind === 'leaf') return deepEqual(live, configuration) ? live : configuration
  if (hasNothing(configuration)) return hasNothing(live) && !deepEqual(live, configuration) ? configuration : live
  if (hasNothing(live)) return configuration
  if (type.kind === 'list' || type.kind === 'set') return mergeItems(type, live as unknown[], configuration as unknown[])
  return mergeMembers(type, live as Plain, configuration as Plain)
}

function mergeMembers(type: OwnedStruct | { kind: 'map'; of: OwnedType }, live: Plain, configuration: Plain): Plain {
  let merged: Plain | undefined
  for (const key of Object.keys(configuration)) {
    const own = Object.hasOwn(live, key) ? live[key] : undefined
    const member = mergeConfiguration(memberType(type, key), own, configuration[key])
    if (member === own) continue
    merged ??= { ...live }
    setMember(merged, key, member)
  }
  return merged ?? live
}

function memberType(type: OwnedStruct | { kind: 'map'; of: OwnedType }, key: string): OwnedType {
  return type.kind === 'map' ? type.of : (type.field.get(key)?.type ?? leafType)
}

/** Elements of both in one order: that of the configuration where both have it, and what only one has stays near its neighbours. */
function mergeItems(type: ItemList, live: unknown[], configuration: unknown[]): unknown[] {
  // A configuration has no name twice, so elements meet one by one.
  if (haveSameNames(type, live, configuration)) return mergeInPlace(itemType(type), live, configuration)
  const [mine, its] = [itemsOf(type, live), itemsOf(type, configuration)]
  const found = firstOf(mine)
  const wanted = new Map(its.map((item) => [item.key, item]))
  const shared = its.filter(({ key }) => found.has(key)).map(({ key }) => key)
  const done = new Set<string>()
  const out: unknown[] = []
  const take = ({ key, item }: ListItem) => {
    done.add(key)
    out.push(mergeConfiguration(itemType(type), found.get(key)?.item, item))
  }
  let [nextShared, index, other] = [0, 0, 0]
  while (index < mine.length || other < its.length) {
    const [here, there] = [mine[index], its[other]]
    if (here && there?.key === here.key) {
      take(there)
      index++
      other++
      nextShared++
    } else if (here && there && wanted.has(here.key) && nextShared < shared.length && shared[nextShared] !== here.key) {
      // Wanted too, but not at this place.
      index++
    } else if (here && !wanted.has(here.key)) {
      out.push(here.item)
      index++
    } else if (here && done.has(here.key)) {
      index++
    } else if (there) {
      take(there)
      if (shared[nextShared] === there.key) nextShared++
      other++
    } else index++
  }
  return liveIfSame(live, out)
}

function mergeInPlace(of: OwnedType, live: unknown[], configuration: unknown[]): unknown[] {
  return liveIfSame(
    live,
    live.map((item, index) => mergeConfiguration(of, item, configuration[index])),
  )
}

const liveIfSame = (live: unknown[], merged: unknown[]) =>
  merged.length === live.length && merged.every((item, index) => item === live[index]) ? live : merged

/** Items that stand once by name. Of one that stands several times nothing is merged. */
function firstOf(items: ListItem[]): Map<string, ListItem | undefined> {
  const found = new Map<string, ListItem | undefined>()
  for (const item of items) found.set(item.key, found.has(item.key) ? undefined : item)
  return found
}

/** Every field that a value mentions. @throws {NamelessItem} */
export function mentionedFields(type: OwnedType, value: unknown): FieldSet {
  const node = mentioned(type, value)
  return node === leaf ? undefined : node
}

function mentioned(type: OwnedType, value: unknown): FieldSet {
  if (type.kind === 'leaf' || value === null) return leaf
  if (hasNothing(value)) return Array.isArray(value) ? undefined : leaf
  const out: FieldsV1 = {}
  if (type.kind === 'struct') {
    for (const { key, name, type: fieldType } of type.fields)
      addPart(out, key, (value as Plain)[name] === undefined ? undefined : mentioned(fieldType, (value as Plain)[name]))
  } else if (type.kind === 'map') {
    for (const key of sortedKeys(value as Plain)) addPart(out, `f:${key}`, owning(mentioned(type.of, (value as Plain)[key])))
  } else {
    for (const { key, item } of sortedItemsOf(type, value as unknown[])) {
      addPart(out, key, Object.hasOwn(out, key) ? leaf : owning(mentioned(itemType(type), item)))
    }
  }
  return hasNothing(out) ? undefined : out
}

function addPart(out: FieldsV1, key: string, part: FieldSet): void {
  if (part) out[key] = part
}

function owning(node: FieldSet): FieldsV1 {
  return !node || isOwned(node) ? leaf : { '.': leaf, ...node }
}

/** The set with every named field that holds a part of it; map keys and elements are not added. */
export function withNamedFields(type: OwnedType, set: FieldSet): FieldSet {
  if (!set || type.kind === 'leaf' || type.kind === 'set') return set
  const out: FieldsV1 = {}
  for (const key in set) {
    if (key === '.') out[key] = leaf
    else {
      const part = withNamedFields(partType(type, key), set[key]) as FieldsV1
      out[key] = type.kind === 'struct' && !isOwned(part) ? { '.': leaf, ...part } : part
    }
  }
  return hasNothing(out) ? leaf : out
}

function partType(type: OwnedStruct | OwnedList | { kind: 'map'; of: OwnedType }, key: string): OwnedType {
  return type.kind === 'struct' ? memberType(type, key.slice(2)) : type.of
}

/** The value without the parts of the set; null when nothing of a collection is left. */
export function removeFields(type: OwnedType, value: unknown, set: FieldSet): unknown {
  if (!set || typeof value !== 'object' || value === null) return value
  // Only where the type has changed since: what was owned by parts is one whole now.
  if (type.kind === 'leaf') return null
  const out = Array.isArray(value) ? remainingItems(type as ItemList, value, set) : remainingMembers(type as OwnedStruct, value as Plain, set)
  return hasNothing(out) ? null : out
}

function remainingMembers(type: OwnedStruct | { kind: 'map'; of: OwnedType }, value: Plain, set: FieldsV1): Plain {
  const out: Plain = {}
  for (const key of Object.keys(value)) {
    const part = set[`f:${key}`]
    if (part && isOwned(part)) continue
    setMember(out, key, part ? removeFields(memberType(type, key), value[key], part) : value[key])
  }
  return out
}

function remainingItems(type: ItemList, list: unknown[], set: FieldsV1): unknown[] {
  return itemsOf(type, list).flatMap(({ key, item }) => {
    const part = set[key]
    if (part && isOwned(part)) return []
    return [part ? removeFields(itemType(type), item, part) : item]
  })
}
