// Which fields differ between two states of an object: one walk over type and values, whose result is already the set that
// managed fields print.
// Upstream: structured-merge-diff typed/compare.go

import { deepEqual } from '../equality.js'
import type { FieldsV1, Plain } from '../object.js'
import { type FieldSet, leaf } from './field-set.js'
import { compareItems, type ListItem, sortedItemsOf } from './list-items.js'
import { leafType, type OwnedField, type OwnedList, type OwnedStruct, type OwnedType } from './owned-type.js'

/** How states are read. Canonical objects have no empty collections, drafts may; in what was merged they say something. */
export type EmptyCollections = 'absent' | 'present'

interface Reading {
  /** Another value counts, not only a field that was not there. */
  countsValues: boolean
  empty: EmptyCollections
  /** Lists whose elements have been named. */
  named: Map<unknown[], ListItem[]>
}

/** Fields of `after` that `before` has not, or with another value, and fields of `before` that `after` has not. @throws {NamelessItem} */
export function compareFields(type: OwnedType, before: unknown, after: unknown, empty: EmptyCollections = 'absent'): { changed: FieldSet; removed: FieldSet } {
  const named = new Map<unknown[], ListItem[]>()
  const changed = differing(type, before, after, { countsValues: true, empty, named })
  return { changed, removed: differing(type, after, before, { countsValues: false, empty, named }) }
}

/** Fields that `after` has and `before` has not, or has with another value. @throws {NamelessItem} */
export function changedFields(type: OwnedType, before: unknown, after: unknown, empty: EmptyCollections = 'absent'): FieldSet {
  return differing(type, before, after, { countsValues: true, empty, named: new Map() })
}

function differing(type: OwnedType, before: unknown, after: unknown, reading: Reading): FieldSet {
  if (after === undefined || before === after) return undefined
  if (before === undefined) return everything(type, after, reading)
  if (type.kind === 'leaf') return reading.countsValues && !deepEqual(before, after) ? leaf : undefined
  const [wasEmpty, isEmpty] = [hasNothing(before), hasNothing(after)]
  if (isEmpty) return wasEmpty && reading.countsValues && !deepEqual(before, after) ? leaf : undefined
  switch (type.kind) {
    case 'struct':
      return differingFields(type, (wasEmpty ? nothing : before) as Plain, after as Plain, reading)
    case 'map':
      return differingMembers(type.of, (wasEmpty ? nothing : before) as Plain, after as Plain, reading)
    default:
      // Naming elements costs more than comparing them.
      if (deepEqual(before, after)) return undefined
      return differingItems(type, (wasEmpty ? [] : before) as unknown[], after as unknown[], reading)
  }
}

const nothing: Plain = Object.freeze({})

function orNone(out: FieldsV1): FieldSet {
  return hasNothing(out) ? undefined : out
}

// Objects have few of the fields that their types have: the walk goes over what is there and sorts what it finds.
function differingFields(type: OwnedStruct, before: Plain, after: Plain, reading: Reading): FieldSet {
  let found: Found | undefined
  for (const name in after) {
    const field = type.field.get(name)
    if (!field) continue
    const part = differing(field.type, memberOf(field, before, reading.empty), memberOf(field, after, reading.empty), reading)
    if (part) found = insert(found ?? { fields: [], parts: [] }, field, part)
  }
  return found && spread(found, {})
}

interface Found {
  fields: OwnedField[]
  /** One for each field. */
  parts: FieldsV1[]
}

function insert(found: Found, field: OwnedField, part: FieldsV1): Found {
  const { fields, parts } = found
  let at = fields.length
  for (; at > 0 && fields[at - 1].order > field.order; at--) {
    fields[at] = fields[at - 1]
    parts[at] = parts[at - 1]
  }
  fields[at] = field
  parts[at] = part
  return found
}

function spread({ fields, parts }: Found, out: FieldsV1): FieldsV1 {
  for (let index = 0; index < fields.length; index++) out[fields[index].key] = parts[index]
  return out
}

/** Undefined when it is not there, or empty where that says nothing. */
export function memberOf(field: OwnedField, struct: Plain, empty: EmptyCollections): unknown {
  const value = struct[field.name]
  return field.dropsEmpty && empty === 'absent' && value !== undefined && hasNothing(value) ? undefined : value
}

function differingMembers(of: OwnedType, before: Plain, after: Plain, reading: Reading): FieldSet {
  const out: FieldsV1 = {}
  for (const key of sortedKeys(after)) {
    const part = differing(of, Object.hasOwn(before, key) ? before[key] : undefined, after[key], reading)
    if (part) out[`f:${key}`] = part
  }
  return orNone(out)
}

/** Joins two sorted lists. Elements that stand several times under one name are owned together, as a leaf. */
function differingItems(type: OwnedList | { kind: 'set' }, before: unknown[], after: unknown[], reading: Reading): FieldSet {
  const [old, items] = [namedItemsOf(type, before, reading), namedItemsOf(type, after, reading)]
  const out: FieldsV1 = {}
  let position = 0
  for (let index = 0; index < items.length; ) {
    const first = items[index]
    const count = countSame(items, index)
    while (position < old.length && compareItems(old[position], first) < 0) position++
    const oldCount = position < old.length && old[position].key === first.key ? countSame(old, position) : 0
    const part = differingItem(type, old.slice(position, position + oldCount), items.slice(index, index + count), reading)
    if (part) out[first.key] = part
    index += count
  }
  return orNone(out)
}

function namedItemsOf(type: OwnedList | { kind: 'set' }, list: unknown[], { named }: Reading): ListItem[] {
  const known = named.get(list)
  if (known) return known
  const items = sortedItemsOf(type, list)
  named.set(list, items)
  return items
}

function differingItem(type: OwnedList | { kind: 'set' }, before: ListItem[], after: ListItem[], reading: Reading): FieldSet {
  const of: OwnedType = type.kind === 'set' ? leafType : type.of
  if (after.length === 1) return differing(of, before.length === 1 ? before[0].item : undefined, after[0].item, reading)
  if (before.length < 2) return leaf
  return reading.countsValues && !deepEqual(before.map(itemOf), after.map(itemOf)) ? leaf : undefined
}

const itemOf = ({ item }: ListItem) => item

function countSame(items: ListItem[], index: number): number {
  let end = index + 1
  while (end < items.length && items[end].key === items[index].key) end++
  return end - index
}

/** A part that is new: all of it is owned. */
function everything(type: OwnedType, value: unknown, reading: Reading): FieldsV1 {
  if (type.kind === 'leaf' || hasNothing(value)) return leaf
  if (type.kind === 'list' || type.kind === 'set') return everyItem(type, value as unknown[], reading)
  const out: FieldsV1 = { '.': leaf }
  if (type.kind === 'struct') {
    const found: Found = { fields: [], parts: [] }
    for (const name in value as Plain) {
      const field = type.field.get(name)
      const member = field && memberOf(field, value as Plain, reading.empty)
      if (member !== undefined) insert(found, field as OwnedField, everything((field as OwnedField).type, member, reading))
    }
    spread(found, out)
  } else {
    for (const key of sortedKeys(value as Plain)) out[`f:${key}`] = everything(type.of, (value as Plain)[key], reading)
  }
  return out
}

/** What is named by what it says has other names in every object: V8 would make a hidden class for each, but not without a prototype. */
function everyItem(type: OwnedList | { kind: 'set' }, items: unknown[], reading: Reading): FieldsV1 {
  const out: FieldsV1 = Object.create(null)
  out['.'] = leaf
  const of: OwnedType = type.kind === 'set' ? leafType : type.of
  for (const { key, item } of namedItemsOf(type, items, reading)) out[key] = Object.hasOwn(out, key) ? leaf : everything(of, item, reading)
  return out
}

/** Null, or a collection without a member. */
export function hasNothing(value: unknown): boolean {
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** Maps of stored objects are sorted; those of drafts may not be. */
export function sortedKeys(map: Plain): string[] {
  const keys = Object.keys(map)
  for (let index = 1; index < keys.length; index++) if (keys[index - 1] > keys[index]) return keys.sort()
  return keys
}
