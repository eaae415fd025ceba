// How strategic merge treats a list: replaced, merged as a set of scalars, or merged element by element on a key, and in
// which order the result stands.
// Upstream: apimachinery/pkg/util/strategicpatch/patch.go mergeSlice, normalizeElementOrder
import { formatGoValue } from '../go-value.js'
import { isObject, type Plain, setMember } from '../object.js'
import { PatchFailure, patchFailure } from './patch-failure.js'

export const directiveMarker = '$patch'
export const deleteDirective = 'delete'
export const replaceDirective = 'replace'
const mergeDirective = 'merge'

export interface ListMerge {
  /** Empty for lists of scalars. */
  mergeKey: string
  /** Not replaced as a whole. */
  isMerged: boolean
  mergeItems(original: Plain, patch: Plain): Plain
}

export function mergeList(original: unknown[], patch: unknown[], list: ListMerge, isDeletionList: boolean): unknown[] {
  if (!list.isMerged) return patch
  if (!original.length && !patch.length) return original
  if (!isListOfMaps(original, patch)) return isDeletionList ? without(original, patch) : mergeScalars(original, patch)
  if (!list.mergeKey) throw new PatchFailure('internal', 'cannot merge lists without merge key for type struct')
  const { remaining, items } = splitDirectives(original as Plain[], patch as Plain[], list.mergeKey)
  return inOrder(mergeByKey(remaining, items, list), items, remaining, list.mergeKey)
}

/** The merged list in the order that `$setElementOrder` asks for; what it does not name keeps its place among neighbours. */
export function orderedBySetElementOrder(original: unknown[] | undefined, patch: unknown[] | undefined, order: unknown[], list: ListMerge): unknown[] {
  requireSameOrder(patch, order, list.mergeKey)
  const merged = original && patch ? mergeList(original, patch, list, false) : (original ?? (withoutDirectives(patch) as unknown[]))
  if (!original?.length && !patch?.length) throw new PatchFailure('internal', 'no elements in any of the given slices')
  isListOfMaps(original ?? [], patch ?? [])
  return inOrder(merged, order, original ?? [], list.mergeKey)
}

/** What a patch adds where nothing was before: maps with a `$patch` have nothing to direct, and go. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((each) => each !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, directiveMarker)) return undefined
  const out: Plain = {}
  for (const key of Object.keys(value)) {
    const kept = withoutDirectives(value[key])
    if (kept !== undefined) setMember(out, key, kept)
  }
  return out
}

/** Items of the patch must stand in the order that comes with it. */
function requireSameOrder(patch: unknown[] | undefined, order: unknown[], mergeKey: string): void {
  if (!patch?.length || !order.length) return
  const wanted = patch.filter((item) => !(isObject(item) && Object.hasOwn(item, directiveMarker)))
  let position = 0
  for (const each of order) if (position < wanted.length && keyOf(wanted[position], mergeKey) === keyOf(each, mergeKey)) position++
  if (position < wanted.length) {
    throw new PatchFailure('internal', `The order in patch list:\n${formatGoValue(patch)}\n doesn't match $setElementOrder list:\n${formatGoValue(order)}\n`)
  }
}

/** Whether the elements are maps. @throws {PatchFailure} when they are of several types, or lists */
function isListOfMaps(...lists: unknown[][]): boolean {
  let type: string | undefined
  for (const each of lists.flat()) {
    if (Array.isArray(each)) throw patchFailure.listOfLists()
    const own = each === null ? 'null' : typeof each
    type ??= own
    if (type !== own) throw new PatchFailure('internal', `list element types are not identical: ${formatGoValue(lists)}`)
  }
  return type === 'object'
}

function without(list: unknown[], removed: unknown[]): unknown[] {
  const gone = new Set(removed)
  return list.filter((each) => !gone.has(each))
}

function mergeScalars(original: unknown[], patch: unknown[]): unknown[] {
  return inOrder([...new Set([...original, ...patch])], patch, original, '')
}

/** Carries out the directives among the items of a patch. */
function splitDirectives(original: Plain[], patch: Plain[], mergeKey: string): { remaining: Plain[]; items: Plain[] } {
  const items: Plain[] = []
  const deleted = new Set<unknown>()
  let replaces = false
  for (const item of patch) {
    if (!Object.hasOwn(item, directiveMarker)) {
      items.push(item)
      continue
    }
    const directive = item[directiveMarker]
    if (directive === deleteDirective) deleted.add(keyOf(item, mergeKey))
    else if (directive === replaceDirective) replaces = true
    else if (directive === mergeDirective) throw new PatchFailure('internal', 'merging lists cannot yet be specified in the patch')
    else throw patchFailure.directive(directive, item)
  }
  if (replaces) return { remaining: items, items: [] }
  return { remaining: deleted.size ? original.filter((item) => !deleted.has(item[mergeKey])) : original, items }
}

function mergeByKey(original: Plain[], items: Plain[], { mergeKey, mergeItems }: ListMerge): Plain[] {
  const merged = [...original]
  const positions = positionsOf(merged, mergeKey)
  for (const item of items) {
    const key = keyOf(item, mergeKey)
    const position = positions.get(key)
    if (position !== undefined) merged[position] = mergeItems(merged[position], item)
    else positions.set(key, merged.push(item) - 1)
  }
  return merged
}

/** Elements that `order` names stand in its order, the others in that of the original; the two are interleaved. */
function inOrder(merged: unknown[], order: unknown[], original: unknown[], mergeKey: string): unknown[] {
  const ordered = positionsOf(order, mergeKey)
  const live = positionsOf(original, mergeKey)
  const place = (positions: Map<unknown, number>) => (each: unknown) => positions.get(keyOf(each, mergeKey)) ?? Number.MAX_SAFE_INTEGER
  const named = sortedBy(
    merged.filter((each) => ordered.has(keyOf(each, mergeKey))),
    place(ordered),
  )
  const others = sortedBy(
    merged.filter((each) => !ordered.has(keyOf(each, mergeKey))),
    place(live),
  )
  const out: unknown[] = []
  let next = 0
  for (const each of named) {
    const position = live.get(keyOf(each, mergeKey)) ?? -1
    while (next < others.length && place(live)(others[next]) < position) out.push(others[next++])
    out.push(each)
  }
  return [...out, ...others.slice(next)]
}

function sortedBy(list: unknown[], rank: (each: unknown) => number): unknown[] {
  return list.sort((one, other) => rank(one) - rank(other))
}

/** The first position of every key. */
function positionsOf(list: unknown[], mergeKey: string): Map<unknown, number> {
  const positions = new Map<unknown, number>()
  list.forEach((each, index) => {
    const key = keyOf(each, mergeKey)
    if (!positions.has(key)) positions.set(key, index)
  })
  return positions
}

/** What an element is matched by: the value of its merge key, or the scalar itself. */
function keyOf(item: unknown, mergeKey: string): unknown {
  if (!mergeKey) return item
  if (!isObject(item)) throw patchFailure.type('map[string]interface {}', item)
  if (!Object.hasOwn(item, mergeKey)) throw patchFailure.mergeKey(item, mergeKey)
  return item[mergeKey]
}
