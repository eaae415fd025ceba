// Which fields are tracked at all: what the server alone writes belongs to no manager, and a write through one door never
// owns what only another door may change.
// Upstream: apimachinery/pkg/util/managedfields/internal/stripmeta.go, the GetResetFields of every strategy

import type { Plain } from '../object.js'
import { recanonicalize } from '../shape/canonicalize.js'
import type { Shape } from '../shape/shape.js'
import { type FieldSet, setOf } from './field-set.js'
import { type OwnedStruct, ownedStruct } from './owned-type.js'
import { share } from './shared-sets.js'

/** Paths below the object as keys of managed fields: `[['f:status'], ['f:metadata', 'f:labels']]`. */
export type ResetFields = readonly (readonly string[])[]

const serverFields = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion']
const untrackedPaths: ResetFields = [['f:apiVersion'], ['f:kind'], ['f:metadata'], ...serverFields.map((name) => ['f:metadata', `f:${name}`])]

/** What is taken out of every set before it is written down. */
export const untrackedFields: FieldSet = share(setOf(untrackedPaths))

const resetSets = new WeakMap<ResetFields, { set: FieldSet }>()

/** What a write through this door never owns, as a set. `resetFields` must be the same list each time. */
export function resetSet(resetFields: ResetFields): FieldSet {
  let reset = resetSets.get(resetFields)
  if (!reset) {
    reset = { set: share(setOf(resetFields)) }
    resetSets.set(resetFields, reset)
  }
  return reset.set
}

const hiddenAlways: ResetFields = untrackedPaths.filter((path) => path.join() !== 'f:metadata')
const roots = new WeakMap<Shape, Map<ResetFields, OwnedStruct>>()

/** The type of a whole object, without the fields that are not tracked. `resetFields` must be the same list each time. */
export function trackedRoot(shape: Shape, resetFields: ResetFields): OwnedStruct {
  const byFields = roots.get(shape) ?? new Map<ResetFields, OwnedStruct>()
  const known = byFields.get(resetFields)
  if (known) return known
  const root = withoutPaths(ownedStruct(shape), [...hiddenAlways, ...resetFields])
  roots.set(shape, byFields.set(resetFields, root))
  return root
}

function withoutPaths(struct: OwnedStruct, paths: ResetFields): OwnedStruct {
  const fields = struct.fields.flatMap((field) => {
    const below = paths.filter(([first]) => first === field.key).map((path) => path.slice(1))
    if (below.some((path) => path.length === 0)) return []
    return below.length && field.type.kind === 'struct' ? [{ ...field, type: withoutPaths(field.type, below) }] : [field]
  })
  return { kind: 'struct', fields, field: new Map(fields.map((field) => [field.name, field])) }
}

const empties = new WeakMap<Shape, Plain>()

/** What the API would print for an object that says nothing: the state before the first write. */
export function emptyObjectOf(shape: Shape): Plain {
  const known = empties.get(shape)
  if (known) return known
  const empty = recanonicalize(shape, {})
  empties.set(shape, empty)
  return empty
}
