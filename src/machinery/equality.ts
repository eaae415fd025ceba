// Deep equality of plain JSON. Shared subtrees are equal without a look.
import { isObject, type Plain, setMember, withMembers } from './object.js'

export function deepEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one)) return Array.isArray(other) && equalLists(one, other)
  return !Array.isArray(other) && equalMembers(one as Record<string, unknown>, other as Record<string, unknown>)
}

function equalLists(one: unknown[], other: unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (!deepEqual(one[index], other[index])) return false
  return true
}

function equalMembers(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  let count = 0
  for (const key in one) {
    count++
    if (!Object.hasOwn(other, key) || !deepEqual(one[key], other[key])) return false
  }
  for (const _ in other) count--
  return count === 0
}

/** `after`, whose members are those of `before` where they are equal: most writes leave spec or status as it is. */
export function sharingEqualMembers<T extends object>(before: object, after: T): T {
  const [old, next] = [before as Record<string, unknown>, after as Record<string, unknown>]
  const out: Record<string, unknown> = {}
  for (const name in next) out[name] = name !== 'metadata' && deepEqual(old[name], next[name]) ? old[name] : next[name]
  return out as T
}

/**
 * `after`, of which whatever is equal to its counterpart in `before`, and printed in the same order, is the very same. Changes neither.
 * @param settled parts that are the very ones of this in the same place are not looked at, and stay
 */
export function sharingEqualParts<T>(before: unknown, after: T, settled?: unknown): T {
  if (before === after) return before as T
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null || after === settled) return after
  const standing = (typeof settled === 'object' && settled !== null ? settled : nothing) as Plain
  if (Array.isArray(after)) return (Array.isArray(before) ? sharingEqualItems(before, after, standing) : after) as T
  return (Array.isArray(before) ? after : sharingEqualMembersDeeply(before as Plain, after as Plain, standing)) as T
}

const nothing: Plain = Object.freeze({})

function sharingEqualItems(before: unknown[], after: unknown[], settled: Plain): unknown[] {
  let isEqual = before.length === after.length
  let out: unknown[] | undefined
  for (let index = 0; index < after.length; index++) {
    const kept = sharingEqualParts(before[index], after[index], settled[index])
    if (kept !== before[index]) isEqual = false
    if (kept === after[index]) continue
    out ??= after.slice()
    out[index] = kept
  }
  return isEqual ? before : (out ?? after)
}

function sharingEqualMembersDeeply(before: Plain, after: Plain, settled: Plain): Plain {
  const keys = Object.keys(before)
  let [isEqual, count] = [true, 0]
  let out: Plain | undefined
  for (const key in after) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    const kept = sharingEqualParts(old, after[key], Object.hasOwn(settled, key) ? settled[key] : undefined)
    if (keys[count] !== key || kept !== old) isEqual = false
    if (kept !== after[key]) out ??= firstMembers(after, count)
    if (out) setMember(out, key, kept)
    count++
  }
  return isEqual && count === keys.length ? before : (out ?? after)
}

function firstMembers(object: Plain, count: number): Plain {
  const first: Plain = {}
  for (const key of Object.keys(object).slice(0, count)) setMember(first, key, object[key])
  return first
}

/** A private copy of plain JSON. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(deepCopy) as T
  const copy: Record<string, unknown> = {}
  for (const key in value) {
    if (key === '__proto__') Object.defineProperty(copy, key, { value: deepCopy(value[key]), enumerable: true, configurable: true, writable: true })
    else copy[key] = deepCopy(value[key])
  }
  return copy as T
}

/** A copy whose members and their members may be set; what lies deeper is shared and stays as it is. */
export function copyOfParts<T extends object>(object: T): T {
  const copy: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(object)) copy[name] = isObject(part) ? withMembers(part, nothing) : part
  return copy as T
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const key in value) deepFreeze(value[key])
  return Object.freeze(value)
}
