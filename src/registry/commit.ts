// The last step of every write: revisions are given, the log is appended to, the answer is made.
import { type CompanionWrite, type KubeObject, type Plain, type ResourceDefinition, recanonicalize, status, withMembers } from '../machinery/index.js'
import type { AppendResult, Stored, WatchEventType, Write } from '../storage/index.js'
import { fillForCreate, pendingResourceVersion } from './metadata.js'
import { type Realm, randomOf, refuse, viewOf } from './realm.js'

export interface PreparedWrite {
  type: WatchEventType
  definition: ResourceDefinition
  /** In canonical form of the stored definition, with a resourceVersion to be replaced; not yet seen by anybody. */
  object: KubeObject
}

/** Writes all or nothing; the last write is the one the client asked for. @returns what is stored of it */
export function commit(realm: Realm, writes: readonly PreparedWrite[]): Stored {
  const { store } = realm
  const rows: Write[] = writes.map(({ type, definition, object }, index) => {
    object.metadata.resourceVersion = String(store.nextRevision + index)
    return { type, resource: definition.storedAs.key, key: { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }, object }
  })
  let result = store.append(rows)
  // Who wrote what is the first thing a large object can do without. Upstream: apiserver/pkg/endpoints/handlers/rest.go isTooLargeError
  if (isTooLarge(result)) result = store.append(rows.map((row) => ({ ...row, object: withoutManagedFields(row.object) })))
  if (isTooLarge(result)) refuse(status.untyped('etcdserver: request is too large'))
  // The verbs have looked before they wrote, and nothing else runs in between.
  if ('refused' in result) throw new Error(`the store refused ${result.write.resource} ${result.write.key.name}: ${result.refused}`)
  return result.appended[result.appended.length - 1].stored
}

const isTooLarge = (result: AppendResult) => 'refused' in result && result.refused === 'too large'

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** The canonical object of the version that is stored. */
export function toStored(definition: ResourceDefinition, object: KubeObject): KubeObject {
  if (definition.storedAs === definition || !definition.convert) return object
  return recanonicalize(definition.storedAs.shape, definition.convert.toStored(object)) as KubeObject
}

/** A deletion's last state is a copy: the stored object itself never changes. */
export function deletionOf(definition: ResourceDefinition, object: KubeObject): PreparedWrite {
  return { type: 'DELETED', definition, object: { ...object, metadata: { ...object.metadata, resourceVersion: pendingResourceVersion } } }
}

export function prepareCompanions(realm: Realm, companions: readonly CompanionWrite[]): PreparedWrite[] {
  return companions.flatMap((companion) => prepareCompanion(realm, companion) ?? [])
}

function prepareCompanion(realm: Realm, companion: CompanionWrite): PreparedWrite | undefined {
  const { definition } = companion
  if (companion.verb === 'delete') {
    const stored = realm.store.get(definition.storedAs.key, companion)
    return stored && deletionOf(definition, stored.object)
  }
  const metadata = withMembers(companion.object.metadata, { resourceVersion: pendingResourceVersion })
  const draft = { apiVersion: definition.apiVersion, kind: definition.kind, ...companion.object, metadata } as Plain & KubeObject
  if (companion.verb === 'create')
    fillForCreate(definition, metadata, { random: randomOf(realm, definition, metadata), now: realm.now(), isTaken: () => false })
  return { type: companion.verb === 'create' ? 'ADDED' : 'MODIFIED', definition, object: recanonicalize(definition.shape, draft) as KubeObject }
}

export function answerOf(definition: ResourceDefinition, stored: Stored, code: number) {
  return { code, ...viewOf(definition, stored) }
}
