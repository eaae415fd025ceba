// Sets of fields that many objects share. What is made of shared sets is made once, and shared again.
import { difference, type FieldSet, recursiveDifference, union } from './field-set.js'

type Operation = (one: FieldSet, other: FieldSet) => FieldSet
type Fields = NonNullable<FieldSet>

const shared = new WeakSet<Fields>()

export function share(set: FieldSet): FieldSet {
  if (set) shared.add(set)
  return set
}

export const isShared = (set: Fields) => shared.has(set)

export const sharedUnion = onSharedSets(union)
export const sharedDifference = onSharedSets(difference)
export const sharedRecursiveDifference = onSharedSets(recursiveDifference)

/** The results are kept as long as both sets are there. */
function onSharedSets(operation: Operation): Operation {
  const results = new WeakMap<Fields, WeakMap<Fields, { set: FieldSet }>>()
  return (one, other) => {
    if (!one || !other || !shared.has(one) || !shared.has(other)) return operation(one, other)
    let ofOne = results.get(one)
    if (!ofOne) {
      ofOne = new WeakMap()
      results.set(one, ofOne)
    }
    let result = ofOne.get(other)
    if (!result) {
      result = { set: share(operation(one, other)) }
      ofOne.set(other, result)
    }
    return result.set
  }
}
