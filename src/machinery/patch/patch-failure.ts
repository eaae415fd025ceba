// Why a strategic merge patch cannot be applied.
// Upstream: apimachinery/pkg/util/mergepatch/errors.go
import { formatGoValue, goTypeOfJSON } from '../go-value.js'

/** Whose fault it is, as the API tells it: 400, 422 without a word, or 500. */
export type PatchFailureKind = 'badRequest' | 'unprocessable' | 'internal'

/** Thrown inside this folder only. */
export class PatchFailure extends Error {
  readonly kind: PatchFailureKind
  constructor(kind: PatchFailureKind, message: string) {
    super(message)
    this.kind = kind
  }
}

export const patchFailure = {
  mergeKey: (item: unknown, mergeKey: string) => new PatchFailure('internal', `map: ${formatGoValue(item)} does not contain declared merge key: ${mergeKey}`),
  directive: (directive: unknown, patch: unknown) =>
    new PatchFailure('internal', `unknown patch type: ${formatGoValue(directive)} in map: ${formatGoValue(patch)}`),
  type: (expected: string, found: unknown) => new PatchFailure('internal', `expected a ${expected}, but received a ${goTypeOfJSON(found)}`),
  retainKeys: () => new PatchFailure('badRequest', 'invalid patch format of retainKeys'),
  elementOrder: () => new PatchFailure('badRequest', 'invalid patch format of setElementOrder list'),
  deletionList: () => new PatchFailure('badRequest', 'invalid patch format of primitive list'),
  listOfLists: () => new PatchFailure('unprocessable', 'lists of lists are not supported'),
}
