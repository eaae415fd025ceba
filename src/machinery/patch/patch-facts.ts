// What the types say about strategic merge: how a field is merged, and by which key the elements of its list are matched.
// Upstream: apimachinery/pkg/util/strategicpatch/meta.go PatchMetaFromStruct, third_party/forked/golang/json/fields.go
import type { FieldType } from '../shape/shape.js'
import { PatchFailure } from './patch-failure.js'

export interface PatchFacts {
  type: FieldType
  /** `merge`, `replace`, or nothing: maps are merged then, lists replaced. */
  strategy: string
  /** Empty for lists of scalars. */
  mergeKey: string
}

/** @throws {PatchFailure} when the type has no such field */
export function patchFactsOf(type: FieldType, key: string): PatchFacts {
  if (type.kind === 'map') return { type: type.of, strategy: '', mergeKey: '' }
  if (type.kind !== 'struct') {
    throw new PatchFailure('internal', `merging an object in json but data type is not struct, instead is: ${type.kind === 'list' ? 'slice' : 'interface'}`)
  }
  const field = type.shape.field.get(key)
  if (!field) throw new PatchFailure('internal', `unable to find api field in struct ${type.shape.name} for the json field ${JSON.stringify(key)}`)
  const strategies = field.patchStrategy?.split(',') ?? []
  return { type: field.type, strategy: strategies.find((strategy) => strategy !== 'retainKeys') ?? '', mergeKey: field.patchMergeKey ?? '' }
}

/** The same for a field that holds a list; `type` is that of its elements. */
export function listPatchFactsOf(type: FieldType, key: string): PatchFacts {
  const facts = patchFactsOf(type, key)
  if (facts.type.kind !== 'list') throw new PatchFailure('internal', `expected slice or array type, but got: ${facts.type.kind}`)
  if (facts.type.of.kind === 'list') throw new PatchFailure('internal', 'unexpected slice of slice')
  return { ...facts, type: facts.type.of }
}
