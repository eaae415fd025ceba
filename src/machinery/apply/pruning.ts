// What an applier no longer says goes from the object, unless somebody else owns it.
// Upstream: structured-merge-diff merge/update.go prune, addBackOwnedItems, addBackDanglingItems
import type { Plain } from '../object.js'
import type { Shape } from '../shape/shape.js'
import { difference, type FieldSet, intersection, union } from './field-set.js'
import { mentionedFields, removeFields, withNamedFields } from './merging.js'
import { type OwnedStruct, ownedStruct } from './owned-type.js'
import type { Versions } from './ownership.js'

export interface VersionedSet {
  apiVersion: string
  fields: FieldSet
}

export interface Pruning {
  /** Live object and configuration laid over each other, in this version. */
  merged: Plain
  apiVersion: string
  shape: Shape
  /** What the applier owned before. */
  last: VersionedSet
  /** What everybody owns, the applier's new set among it. */
  owned: readonly VersionedSet[]
  versions?: Versions
}

/** @throws {NamelessItem} */
export function prune({ merged, apiVersion, shape, last, owned, versions }: Pruning): Plain {
  const shapeOf = (version: string) => (version === apiVersion ? shape : versions?.shapeOf(version))
  const convert = (object: Plain, from: string, to: string) => (from === to || !versions ? object : versions.convert(object, from, to))
  const lastShape = shapeOf(last.apiVersion)
  // A version that is no longer served says nothing about this object.
  if (!lastShape) return merged
  const before: Versioned = { version: last.apiVersion, object: convert(merged, apiVersion, last.apiVersion) }
  let pruned: Versioned = { version: last.apiVersion, object: without(ownedStruct(lastShape), before.object, last.fields) }
  for (const [version, fields] of byVersion(owned, last.apiVersion)) {
    const versionShape = shapeOf(version)
    if (!versionShape) continue
    const whole = convert(before.object, before.version, version)
    const part = convert(pruned.object, pruned.version, version)
    pruned = { version, object: withOwned(ownedStruct(versionShape), whole, part, fields) }
  }
  const kept = convert(pruned.object, pruned.version, last.apiVersion)
  return convert(withoutLast(ownedStruct(lastShape), before.object, kept, last.fields), last.apiVersion, apiVersion)
}

interface Versioned {
  version: string
  object: Plain
}

/** The sets of each version as one, that of the last application first. */
function byVersion(owned: readonly VersionedSet[], first: string): Map<string, FieldSet> {
  const sets = new Map<string, FieldSet>([[first, undefined]])
  for (const { apiVersion, fields } of owned) sets.set(apiVersion, union(sets.get(apiVersion), fields))
  return sets
}

function without(type: OwnedStruct, object: Plain, fields: FieldSet): Plain {
  return (removeFields(type, object, withNamedFields(type, fields)) ?? {}) as Plain
}

/** Adds back what anybody owns. */
function withOwned(type: OwnedStruct, whole: Plain, pruned: Plain, owned: FieldSet): Plain {
  const named = (set: FieldSet) => withNamedFields(type, set)
  const gone = difference(named(mentionedFields(type, whole)), union(named(mentionedFields(type, pruned)), named(owned)))
  return (removeFields(type, whole, gone) ?? {}) as Plain
}

/** Adds back what nobody owns: only what the applier itself had said may go. */
function withoutLast(type: OwnedStruct, whole: Plain, pruned: Plain, last: FieldSet): Plain {
  const named = (set: FieldSet) => withNamedFields(type, set)
  const gone = intersection(difference(named(mentionedFields(type, whole)), named(mentionedFields(type, pruned))), named(last))
  return (removeFields(type, whole, gone) ?? {}) as Plain
}
