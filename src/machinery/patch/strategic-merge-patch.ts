// Strategic merge patch: a merge patch that knows the types. Lists may be merged by key or as sets, and directives in the
// patch say what JSON cannot: replace, delete, order, keys to retain.
// Upstream: apimachinery/pkg/util/strategicpatch/patch.go
import { isObject, type Plain, setMember } from '../object.js'
import type { FieldType, Shape } from '../shape/shape.js'
import { listPatchFactsOf, patchFactsOf } from './patch-facts.js'
import { PatchFailure, type PatchFailureKind, patchFailure } from './patch-failure.js'
import { deleteDirective, directiveMarker, type ListMerge, mergeList, orderedBySetElementOrder, replaceDirective, withoutDirectives } from './strategic-list.js'

export type StrategicMergeResult = { value: unknown } | { error: string; kind: PatchFailureKind }

const retainKeysMarker = '$retainKeys'
const orderPrefix = '$setElementOrder/'
const deletionPrefix = '$deleteFromPrimitiveList/'

/** The patched object, or why the patch makes no sense. Neither argument changes; untouched parts are shared. */
export function applyStrategicMergePatch(shape: Shape, object: Plain, patch: Plain): StrategicMergeResult {
  try {
    return { value: mergeMap(object, patch, { kind: 'struct', shape }) }
  } catch (error) {
    if (error instanceof PatchFailure) return { error: error.message, kind: error.kind }
    throw error
  }
}

function mergeMap(original: Plain, patch: Plain, type: FieldType): Plain {
  if (Object.hasOwn(patch, directiveMarker)) return directed(patch)
  const merged = retained(original, patch)
  const done = mergeOrderedLists(merged, patch, type)
  for (const name of Object.keys(patch)) {
    if (name === retainKeysMarker || done.has(name)) continue
    const isDeletionList = name.startsWith(deletionPrefix)
    const key = isDeletionList ? name.slice(deletionPrefix.length) : name
    if (isDeletionList && key === '') throw patchFailure.deletionList()
    mergeMember(merged, key, patch[name], type, isDeletionList)
  }
  return merged
}

/** A map with a `$patch` of its own is not merged at all. */
function directed(patch: Plain): Plain {
  const { [directiveMarker]: directive, ...rest } = patch
  if (directive === replaceDirective) return rest
  if (directive === deleteDirective) return {}
  throw patchFailure.directive(directive, patch)
}

/** A copy of the original, without the keys that `$retainKeys` leaves out. */
function retained(original: Plain, patch: Plain): Plain {
  if (!Object.hasOwn(patch, retainKeysMarker)) return { ...original }
  const keys = patch[retainKeysMarker]
  if (!Array.isArray(keys)) throw patchFailure.retainKeys()
  const kept = new Set<unknown>(keys)
  for (const name of Object.keys(patch)) {
    const isContent = patch[name] !== null && name !== retainKeysMarker && !name.startsWith(deletionPrefix) && !name.startsWith(orderPrefix)
    if (isContent && !kept.has(name)) throw patchFailure.retainKeys()
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)))
}

/** Merges the lists that come with a `$setElementOrder`. @returns the keys of the patch that are dealt with */
function mergeOrderedLists(merged: Plain, patch: Plain, type: FieldType): Set<string> {
  const done = new Set<string>()
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(orderPrefix)) continue
    done.add(name)
    const order = patch[name]
    if (!Array.isArray(order)) throw patchFailure.type('[]interface {}', order)
    const key = name.slice(orderPrefix.length)
    const [original, change] = [listAt(merged, key), listAt(patch, key)]
    const { mergeKey, strategy, type: elementType } = listPatchFactsOf(type, key)
    if (!original && !change) continue
    const list: ListMerge = { mergeKey, isMerged: strategy === 'merge', mergeItems: itemMerger(elementType) }
    setMember(merged, key, orderedBySetElementOrder(original, change, order, list))
    done.add(key)
  }
  return done
}

function listAt(map: Plain, key: string): unknown[] | undefined {
  if (!Object.hasOwn(map, key)) return undefined
  if (!Array.isArray(map[key])) throw patchFailure.type('[]interface {}', map[key])
  return map[key]
}

function mergeMember(merged: Plain, key: string, change: unknown, type: FieldType, isDeletionList: boolean): void {
  if (change === null) {
    delete merged[key]
    return
  }
  const current: unknown = Object.hasOwn(merged, key) ? merged[key] : undefined
  if (Array.isArray(current) && Array.isArray(change)) {
    const { mergeKey, strategy, type: elementType } = listPatchFactsOf(type, key)
    const list: ListMerge = { mergeKey, isMerged: strategy === 'merge', mergeItems: itemMerger(elementType) }
    setMember(merged, key, mergeList(current, change, list, isDeletionList))
  } else if (isObject(current) && isObject(change)) {
    const { strategy, type: memberType } = patchFactsOf(type, key)
    setMember(merged, key, strategy === 'replace' ? change : mergeMap(current, change, memberType))
  } else if (!isDeletionList) {
    const value = withoutDirectives(withoutNulls(change))
    if (value === undefined) delete merged[key]
    else setMember(merged, key, value)
  }
}

function itemMerger(type: FieldType): ListMerge['mergeItems'] {
  return (original, patch) => mergeMap(original, patch, type)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const out: Plain = {}
  for (const key of Object.keys(value)) if (value[key] !== null) setMember(out, key, withoutNulls(value[key]))
  return out
}
