// What a fresh cluster is born with: objects written as they stand, before anybody could ask for them.
// Upstream: pkg/controlplane, which writes through its own API
import { deepEqual, type KubeObject, type ManagedFieldsEntry, type Plain, type ResourceDefinition, recanonicalize, recordUpdate } from '../machinery/index.js'
import type { Stored } from '../storage/index.js'
import { commit } from './commit.js'
import { resetFieldsOf } from './field-ownership.js'
import { bumpGeneration, fillForCreate, restoreForUpdate } from './metadata.js'
import { type Realm, randomOf } from './realm.js'

export interface Seed {
  definition: ResourceDefinition
  /** The whole object after this write, without what only the registry can know. One that occurs again is changed by another manager. */
  object: KubeObject
  /** Empty: no manager is recorded. */
  manager: string
  operation?: 'Apply'
  subresource?: string
  /** An object of an earlier run is brought to this state; else it is left as it is. */
  isRenewed?: boolean
}

/** Writes what is not there yet, and renews what must be. Neither admission nor validation sees these objects. */
export function sow(realm: Realm, seeds: readonly Seed[]): void {
  const sown = new Set<string>()
  for (const seed of seeds) {
    const { namespace = '', name = '' } = seed.object.metadata
    const path = `${seed.definition.key}/${namespace}/${name}`
    const stored = realm.store.get(seed.definition.storedAs.key, { namespace, name })
    if (!stored) {
      plant(realm, seed)
      sown.add(path)
    } else if (seed.isRenewed || sown.has(path)) tend(realm, seed, stored)
  }
}

function plant(realm: Realm, seed: Seed): void {
  const { definition } = seed
  const draft = draftOf(seed)
  fillForCreate(definition, draft.metadata, { random: randomOf(realm, definition, draft.metadata), now: realm.now(), isTaken: () => false })
  const object = recanonicalize(definition.shape, draft) as KubeObject
  own(realm, seed, object, undefined)
  commit(realm, [{ type: 'ADDED', definition, object }])
}

function tend(realm: Realm, seed: Seed, stored: Stored): void {
  const { definition } = seed
  const old = stored.object
  const draft = draftOf(seed)
  restoreForUpdate(draft.metadata, old.metadata)
  bumpGeneration(definition, draft, old)
  const object = recanonicalize(definition.shape, draft) as KubeObject
  if (isSame(object, old)) return
  own(realm, seed, object, old)
  commit(realm, [{ type: 'MODIFIED', definition, object }])
}

function draftOf({ object }: Seed): KubeObject {
  return { ...object, metadata: { ...object.metadata } }
}

function isSame(object: KubeObject, old: KubeObject): boolean {
  const content = ({ metadata: { managedFields: _managedFields, resourceVersion: _resourceVersion, ...metadata }, ...rest }: KubeObject & Plain) => ({
    ...rest,
    metadata,
  })
  return deepEqual(content(object), content(old))
}

function own(realm: Realm, { definition, manager, operation, subresource = '' }: Seed, object: KubeObject, live: KubeObject | undefined): void {
  if (!manager) return
  const resetFields = resetFieldsOf(definition, subresource)
  const write = {
    shape: definition.shape,
    live,
    next: object,
    incoming: live?.metadata.managedFields,
    manager,
    apiVersion: definition.apiVersion,
    subresource,
    now: realm.now(),
    resetFields,
  }
  const entries = recordUpdate(write)
  if (!entries?.length) return
  const isOwn = (entry: ManagedFieldsEntry) => entry.manager === manager && (entry.subresource ?? '') === subresource
  object.metadata.managedFields = operation ? entries.map((entry) => (isOwn(entry) ? { ...entry, operation } : entry)) : entries
}
