// FieldsV1: a set of fields as a trie. A key leads to a part: `f:` a field or map key, `k:` an element of a list by its key
// fields, `v:` an element of a set, `i:` an index. A part is in the set itself when it has a `.` or no parts of its own.
// Nothing here changes its arguments; results share what they can.
// Upstream: structured-merge-diff fieldpath/{set,serialize,serialize-pe,path}.go
import { type FieldsV1, isObject } from '../object.js'
import { remembered } from '../remembered.js'
import { compareItems, compareScalars } from './list-items.js'

/** A part that is owned and has no parts. */
export const leaf: FieldsV1 = Object.freeze({})

/** No set is empty: there is none then. */
export type FieldSet = FieldsV1 | undefined

const self = '.'

export function isOwned(node: FieldsV1): boolean {
  for (const _ in node) return node[self] !== undefined
  return true
}

export function union(one: FieldSet, other: FieldSet): FieldSet {
  if (!one || one === other) return other ?? one
  return other ? unionOf(one, other) : one
}

function unionOf(one: FieldsV1, other: FieldsV1): FieldsV1 {
  if (one === other) return one
  const out: FieldsV1 = {}
  if (isOwned(one) || isOwned(other)) out[self] = leaf
  for (const key of allKeys(one, other)) {
    const [mine, its] = [one[key], other[key]]
    out[key] = mine && its ? unionOf(mine, its) : (mine ?? its)
  }
  return withoutLoneSelf(out)
}

/** What is in `one` and not in `other`, exactly: parts stay when only their whole is taken. */
export function difference(one: FieldSet, other: FieldSet): FieldSet {
  return one && other ? differenceOf(one, other, false) : one
}

/** The same, where taking a whole takes its parts. */
export function recursiveDifference(one: FieldSet, other: FieldSet): FieldSet {
  return one && other ? differenceOf(one, other, true) : one
}

function differenceOf(one: FieldsV1, other: FieldsV1, takesParts: boolean): FieldSet {
  const isTaken = isOwned(other)
  if (isTaken && takesParts) return undefined
  const staysOwned = isOwned(one) && !isTaken
  const out: FieldsV1 = staysOwned ? { [self]: leaf } : {}
  let hasChanged = isOwned(one) !== staysOwned
  let isEmpty = !staysOwned
  for (const key in one) {
    if (key === self) continue
    const rest = other[key] ? differenceOf(one[key], other[key], takesParts) : one[key]
    if (rest !== one[key]) hasChanged = true
    if (!rest) continue
    out[key] = rest
    isEmpty = false
  }
  if (isEmpty) return undefined
  return hasChanged ? withoutLoneSelf(out) : one
}

export function intersection(one: FieldSet, other: FieldSet): FieldSet {
  return one && other ? intersectionOf(one, other) : undefined
}

function intersectionOf(one: FieldsV1, other: FieldsV1): FieldSet {
  const out: FieldsV1 = isOwned(one) && isOwned(other) ? { [self]: leaf } : {}
  let isEmpty = out[self] === undefined
  for (const key in one) {
    const both = key !== self && other[key] ? intersectionOf(one[key], other[key]) : undefined
    if (!both) continue
    out[key] = both
    isEmpty = false
  }
  return isEmpty ? undefined : withoutLoneSelf(out)
}

function withoutLoneSelf(node: FieldsV1): FieldsV1 {
  for (const key in node) if (key !== self) return node
  return leaf
}

/** Whether the part at the end of this path, a list of keys, is in the set. */
export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  const node = path.reduce<FieldSet>((current, key) => current?.[key], set)
  return node !== undefined && isOwned(node)
}

/** A set of these paths, which are lists of keys in the order of managed fields. */
export function setOf(paths: readonly (readonly string[])[]): FieldSet {
  return paths.reduce<FieldSet>(
    (set, path) =>
      union(
        set,
        path.reduceRight<FieldsV1>((node, key) => ({ [key]: node }), leaf),
      ),
    undefined,
  )
}

/** Paths as messages write them: `.spec.ports[port=80,protocol="TCP"].name`; the fields of a part before their parts. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const [own, below]: [string[], string[]] = [[], []]
  for (const key in set) {
    if (key === self) continue
    const path = prefix + elementText(key)
    if (isOwned(set[key])) own.push(path)
    below.push(...pathsOf(set[key], path))
  }
  return [...own, ...below]
}

/** One step of a path, as messages write it. */
export const elementText: (key: string) => string = remembered(showElement)

function showElement(key: string): string {
  const value = key.slice(2)
  if (key.startsWith('f:')) return `.${value}`
  if (key.startsWith('k:')) {
    const fields = Object.entries(JSON.parse(value) as Record<string, unknown>).map(([name, each]) => `${name}=${JSON.stringify(each)}`)
    return `[${fields.join(',')}]`
  }
  return key.startsWith('v:') ? `[=${value}]` : `[${value}]`
}

function allKeys(one: FieldsV1, other: FieldsV1): string[] {
  const keys: string[] = []
  for (const key in one) if (key !== self) keys.push(key)
  const count = keys.length
  for (const key in other) if (key !== self && !one[key]) keys.push(key)
  return keys.length === count || count === 0 ? keys : keys.sort(compareKeys)
}

const kinds = 'fkvi'

function compareKeys(one: string, other: string): number {
  if (one[0] !== other[0]) return kinds.indexOf(one[0]) - kinds.indexOf(other[0])
  if (one[0] === 'f') return one < other ? -1 : 1
  const [mine, its] = [JSON.parse(one.slice(2)), JSON.parse(other.slice(2))]
  return isObject(mine) && isObject(its) ? compareItems({ values: Object.values(mine) }, { values: Object.values(its) }) : compareScalars(mine, its)
}

/** A set that a client has sent, spelled and sorted as ours. @returns undefined when it is none */
export function parseFieldsV1(given: unknown): FieldsV1 | undefined {
  if (!isObject(given)) return undefined
  const parts: [string, FieldsV1][] = []
  let isSelf = false
  for (const [key, value] of Object.entries(given)) {
    const part = parseFieldsV1(value)
    if (!part) return undefined
    if (key === self) isSelf = true
    else {
      const parsed = parseKey(key)
      if (parsed === undefined) return undefined
      if (parsed) parts.push([parsed, part])
    }
  }
  parts.sort(([one], [other]) => (one === other ? 0 : compareKeys(one, other)))
  return withoutLoneSelf(Object.fromEntries(isSelf && parts.length ? [[self, leaf], ...parts] : parts))
}

/** The key in its one spelling; empty for a kind of key that is not known and passed over; undefined when it is wrong. */
function parseKey(key: string): string | undefined {
  if (key[1] !== ':') return undefined
  if (key[0] === 'f') return key
  if (!kinds.includes(key[0])) return ''
  try {
    const value = JSON.parse(key.slice(2)) as unknown
    if (key[0] === 'i') return Number.isInteger(value) ? `i:${value}` : undefined
    if (key[0] === 'v') return `v:${JSON.stringify(value)}`
    if (!isObject(value)) return undefined
    return `k:${JSON.stringify(Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))))}`
  } catch {
    return undefined
  }
}
