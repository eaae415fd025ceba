// Ownership after a plain write: the writer owns what it changed, and everybody else loses that and what is gone.
// Upstream: structured-merge-diff merge/update.go Update, apimachinery/pkg/util/managedfields/internal
import { sharingEqualMembers } from '../equality.js'
import type { KubeObject, ManagedFieldsEntry, Plain } from '../object.js'
import type { Shape } from '../shape/shape.js'
import { formatTime } from '../time.js'
import { type Changes, compareAlike } from './alike.js'
import type { EmptyCollections } from './comparison.js'
import type { FieldSet } from './field-set.js'
import { NamelessItem } from './list-items.js'
import { baseEntries, capUpdaters, entryOf, isBy, type ManagerIdentity, sortEntries, withFields } from './managers.js'
import type { OwnedStruct } from './owned-type.js'
import { sharedDifference, sharedUnion } from './shared-sets.js'
import { emptyObjectOf, type ResetFields, trackedRoot } from './tracked-fields.js'

/** Other versions of a kind, for managers that wrote through them. */
export interface Versions {
  /** Undefined when the version is not served. */
  shapeOf(apiVersion: string): Shape | undefined
  convert(object: Plain, from: string, to: string): Plain
}

export interface PlainWrite {
  shape: Shape
  /** The stored object; absent on create. */
  live: KubeObject | undefined
  /** The new state as the client wants it, defaults filled in, before admission and the kind's own preparations. */
  next: KubeObject
  /** The managed fields that the client sent. Through a subresource they count for nothing. */
  incoming: readonly ManagedFieldsEntry[] | undefined
  manager: string
  apiVersion: string
  subresource: string
  /** Milliseconds since the epoch. */
  now: number
  resetFields: ResetFields
  versions?: Versions
}

/** The managed fields of the new state; undefined when it has none. */
export function recordUpdate(write: PlainWrite): ManagedFieldsEntry[] | undefined {
  const { live, subresource, incoming } = write
  const base = baseEntries(live?.metadata.managedFields, subresource ? undefined : incoming)
  // An object that nobody tracks stays so until something is applied to it.
  if (live && !base.length) return undefined
  try {
    const entries = updatedEntries(base, write)
    return entries.length ? entries : undefined
  } catch (error) {
    // Elements without a name cannot be owned. Upstream drops the managed fields then.
    if (error instanceof NamelessItem) return undefined
    throw error
  }
}

function updatedEntries(base: readonly ManagedFieldsEntry[], write: PlainWrite): ManagedFieldsEntry[] {
  const { shape, live, next, manager, apiVersion, subresource, now, resetFields, versions } = write
  const changes = compareVersions({ shape, apiVersion, resetFields, versions, before: live ?? emptyObjectOf(shape), after: next, empty: undefined })
  const { changed, removed } = changes(apiVersion) as Changes
  if (!changed && !removed) return base as ManagedFieldsEntry[]
  const identity: ManagerIdentity = { manager, operation: 'Update', apiVersion, subresource }
  const entries: ManagedFieldsEntry[] = []
  let own: ManagedFieldsEntry | undefined
  for (const entry of base) {
    const theirs = changes(entry.apiVersion ?? '')
    if (!theirs) continue
    if (changed && isBy(entry, identity)) own = entry
    else entries.push(...withFields(entry, sharedDifference(sharedDifference(entry.fieldsV1, theirs.changed), theirs.removed)))
  }
  if (changed) entries.push(entryOf(identity, sharedUnion(sharedDifference(own?.fieldsV1, removed), changed) as NonNullable<FieldSet>, formatTime(now)))
  return sortEntries(capUpdaters(entries))
}

interface Compared {
  shape: Shape
  apiVersion: string
  resetFields: ResetFields
  versions?: Versions
  before: Plain
  after: Plain
  empty?: EmptyCollections
}

/** What has changed, seen in a version; undefined for a version that is not served. Each is compared once. @throws {NamelessItem} */
export function compareVersions(compared: Compared): (apiVersion: string) => Changes | undefined {
  const { shape, apiVersion, resetFields, versions, before, after, empty } = compared
  const own = compare(trackedRoot(shape, resetFields), before, after, empty)
  const known = new Map<string, Changes | undefined>()
  return (asked) => {
    if (asked === apiVersion) return own
    if (known.has(asked)) return known.get(asked)
    const other = versions?.shapeOf(asked)
    const changes =
      versions && other && compare(trackedRoot(other, resetFields), versions.convert(before, apiVersion, asked), versions.convert(after, apiVersion, asked))
    known.set(asked, changes)
    return changes
  }
}

function compare(root: OwnedStruct, before: Plain, after: Plain, empty?: EmptyCollections): Changes {
  return compareAlike(root, before, sharingEqualMembers(before, after), empty)
}
