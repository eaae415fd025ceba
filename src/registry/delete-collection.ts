// DELETE of a collection: every object that a list with the same selectors shows.
// Upstream: apiserver/pkg/registry/generic/registry/store.go DeleteCollection
import { type DeleteOptions, StatusError } from '../machinery/index.js'
import { removeStored } from './delete.js'
import { type ListAnswer, type ListOptions, list } from './list.js'
import type { Call, Realm } from './realm.js'

/** @returns what was listed. @throws {StatusError} the first failure that is not the absence of an object */
export function removeCollection(realm: Realm, call: Call, selectors: ListOptions, options: DeleteOptions): ListAnswer {
  const listed = list(realm, call, selectors)
  for (const { namespace, name } of listed.items) {
    const stored = realm.store.get(call.definition.storedAs.key, { namespace, name })
    if (stored) ignoringAbsence(() => removeStored(realm, { ...call, namespace, name }, stored, options))
  }
  return listed
}

function ignoringAbsence(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.reason !== 'NotFound') throw error
  }
}
