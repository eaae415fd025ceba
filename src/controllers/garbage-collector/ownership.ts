// Who belongs to whom, and in which state an owner is.
// Upstream: pkg/controller/garbagecollector/garbagecollector.go classifyReferences, isDangling
import { defineIndex, type Index, type KubeObject, type OwnerReference, type ResourceDefinition, type Snapshot } from '../../machinery/index.js'

export const orphanFinalizer = 'orphan'
export const foregroundFinalizer = 'foregroundDeletion'

export const dependentsByOwner = defineIndex<KubeObject>({
  values: ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
})

export function isDeleting({ metadata }: KubeObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(finalizer) ?? false)
}

/**
 * - `solid`: it is there and stays
 * - `waiting`: it is there and goes as soon as its dependents are gone
 * - `absent`: nobody of that name and uid is there
 * - `unreachable`: an object of the cluster names an owner in some namespace, and nobody can say in which
 * - `unknown`: there is no such kind
 */
export type OwnerState = 'solid' | 'waiting' | 'absent' | 'unreachable' | 'unknown'

export function ownerState(object: KubeObject, reference: OwnerReference, snapshot: Snapshot): OwnerState {
  const definition = snapshot.findKind(reference.apiVersion, reference.kind)
  if (!definition) return 'unknown'
  const { namespace } = object.metadata
  if (definition.namespaced && !namespace) return 'unreachable'
  const owner = snapshot.get(definition, { namespace: definition.namespaced ? namespace : '', name: reference.name })
  if (owner?.metadata.uid !== reference.uid) return 'absent'
  return isDeleting(owner, foregroundFinalizer) ? 'waiting' : 'solid'
}

/** Whether the object that a reference means lives where the dependent may not look for it. */
export function isElsewhere({ metadata }: KubeObject, reference: OwnerReference, snapshot: Snapshot): boolean {
  const definition = snapshot.findKind(reference.apiVersion, reference.kind)?.storedAs
  if (!definition?.namespaced) return false
  return snapshot.find(uidIndexOf(definition), reference.uid).some((owner) => owner.metadata.namespace !== metadata.namespace)
}

function uidIndexOf(definition: ResourceDefinition): Index {
  const known = uidIndexes.get(definition)
  if (known) return known
  const index = defineIndex<KubeObject>({ definition, values: ({ metadata }) => (metadata.uid ? [metadata.uid] : []) })
  uidIndexes.set(definition, index)
  return index
}

const uidIndexes = new WeakMap<ResourceDefinition, Index>()
