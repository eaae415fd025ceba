// The scale subresource is a view of its parent, and so are its managed fields: who owns the replicas there owns
// `spec.replicas` here.
// Upstream: apimachinery/pkg/util/managedfields/scalehandler.go
import type { ManagedFieldsEntry } from '../object.js'
import { difference, hasPath, setOf } from './field-set.js'
import { identifierOf, sortEntries, withFields } from './managers.js'

const scaleVersion = 'autoscaling/v1'
const scalePath = ['f:spec', 'f:replicas']

export interface ScaledParent {
  entries: readonly ManagedFieldsEntry[]
  apiVersion: string
  /** Where the parent keeps its replicas, as keys of managed fields. */
  path: readonly string[]
}

/** The entries of the parent as the scale shows them. */
export function scaleEntriesOf({ entries, apiVersion, path }: ScaledParent): ManagedFieldsEntry[] {
  return entries
    .filter((entry) => entry.apiVersion === apiVersion && hasPath(entry.fieldsV1, path))
    .map((entry) => ({ ...entry, apiVersion: scaleVersion, fieldsV1: setOf([scalePath]) }))
}

/**
 * The entries of the parent after a write of its scale.
 * Differs: an updater that keeps the replicas keeps its entry as it is; upstream splits the entry in two of one name.
 */
export function parentEntriesOf({ entries, apiVersion, path }: ScaledParent, scaleEntries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const replicas = setOf([path])
  const owners = new Map<string, ManagedFieldsEntry>()
  for (const entry of scaleEntries) {
    if (hasPath(entry.fieldsV1, scalePath)) owners.set(identifierOf({ ...entry, apiVersion }), entry)
  }
  const kept = entries.flatMap((entry) => {
    if (entry.apiVersion !== apiVersion || !hasPath(entry.fieldsV1, path)) return [entry]
    const identifier = identifierOf(entry)
    return owners.delete(identifier) ? [entry] : withFields(entry, difference(entry.fieldsV1, replicas))
  })
  // Upstream knows no time for those that come from the scale.
  const added = [...owners.values()].map(({ time: _time, ...entry }) => ({ ...entry, apiVersion, fieldsV1: replicas }))
  return sortEntries([...kept, ...added])
}
