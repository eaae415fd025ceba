// DELETE: at once, after a grace period, or when the last finalizer goes.
// Upstream: apiserver/pkg/registry/generic/registry/store.go Delete, apiserver/pkg/registry/rest/delete.go
import {
  type DeleteOptions,
  deepCopy,
  formatTime,
  type KubeObject,
  type ObjectMeta,
  type ResourceDefinition,
  recanonicalize,
  status,
  success,
} from '../machinery/index.js'
import type { Stored } from '../storage/index.js'
import { admitAllocation, admitPlugins } from './admit.js'
import { answerOf, commit, deletionOf, prepareCompanions, toStored } from './commit.js'
import { pendingResourceVersion } from './metadata.js'
import { type Answer, type Call, objectOf, qualifiedResource, type Realm, refuse } from './realm.js'

/** @throws {StatusError} */
export function remove(realm: Realm, call: Call, options: DeleteOptions): Answer {
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored) refuse(status.notFound(qualifiedResource(definition), call.name))
  if (definition.deleteWarning && options.propagationPolicy === undefined && options.orphanDependents === undefined) call.warn(definition.deleteWarning)
  return removeStored(realm, call, stored, options)
}

export function removeStored(realm: Realm, call: Call, stored: Stored, options: DeleteOptions): Answer {
  const { definition } = call
  const old = objectOf(definition, stored)
  const dryRun = (options.dryRun?.length ?? 0) > 0
  const refusal = definition.refusesDelete?.(old, options)
  if (refusal) refuse(refusal)
  requirePreconditions(call, old, options)
  const companions = admitPlugins(realm, call, { operation: 'DELETE', object: old, old, dryRun })
  const kept = keepForNow(realm, definition, old, options)
  if (kept === 'unchanged') return answerOf(definition, stored, 200)
  if (kept) {
    if (dryRun) return { code: 200, object: { ...kept, metadata: { ...kept.metadata, resourceVersion: old.metadata.resourceVersion } } }
    const write = { type: 'MODIFIED' as const, definition, object: toStored(definition, kept) }
    return answerOf(definition, commit(realm, [...prepareCompanions(realm, companions), write]), statusCodeOf(options))
  }
  const last = lastMoment(realm, definition, old)
  if (dryRun) return removedAnswer(definition, last ?? old)
  companions.push(...admitAllocation(realm, call, { operation: 'DELETE', object: old, old, dryRun: false }))
  const ending = last && { type: 'MODIFIED' as const, definition, object: toStored(definition, last) }
  const writes = ending ? [ending, deletionOf(definition, ending.object)] : [deletionOf(definition, stored.object)]
  const removed = commit(realm, [...prepareCompanions(realm, companions), ...writes])
  return definition.deleteReturns === 'object' ? answerOf(definition, removed, 200) : removedAnswer(definition, old)
}

// 202 only for the deprecated way of asking for dependents to go first.
function statusCodeOf(options: DeleteOptions): number {
  return options.orphanDependents === false ? 202 : 200
}

function removedAnswer(definition: ResourceDefinition, object: KubeObject): Answer {
  if (definition.deleteReturns === 'object') return { code: 200, object }
  const { name, uid } = object.metadata
  return { code: 200, object: success({ name, ...(definition.group ? { group: definition.group } : {}), kind: definition.plural, uid }) as never }
}

/** The object as it stands while something keeps it, `unchanged` when it already stands so, nothing when it may go. */
function keepForNow(realm: Realm, definition: ResourceDefinition, old: KubeObject, options: DeleteOptions): KubeObject | 'unchanged' | undefined {
  const now = realm.now()
  const graceSeconds = definition.graceSeconds?.(old, options.gracePeriodSeconds) ?? 0
  const finalizers = finalizersFor(definition, old.metadata, options)
  const isKept = finalizers.length > 0 || graceSeconds > 0 || (definition.keepsDeleted?.(old) ?? false)
  if (!isKept) return undefined
  // What keeps such a kind is at work already.
  if (old.metadata.deletionTimestamp && definition.keepsDeleted?.(old)) return 'unchanged'
  const draft = deepCopy(old)
  const meta = draft.metadata
  meta.resourceVersion = pendingResourceVersion
  if (finalizers.length) meta.finalizers = finalizers
  else delete meta.finalizers
  const isFirst = old.metadata.deletionTimestamp === undefined
  if (isFirst) beginDeletion(definition, draft, graceSeconds, now)
  else if (!shortenGrace(meta, graceSeconds, now) && sameFinalizers(meta, old.metadata)) return 'unchanged'
  definition.prepareForDelete?.(draft)
  return recanonicalize(definition.shape, draft) as KubeObject
}

/** How an object with grace is seen before it goes: with none left. Upstream: store.go updateForGracefulDeletionAndFinalizers */
function lastMoment(realm: Realm, definition: ResourceDefinition, old: KubeObject): KubeObject | undefined {
  if (!definition.graceSeconds || old.metadata.deletionGracePeriodSeconds === 0) return undefined
  const draft = deepCopy(old)
  delete draft.metadata.finalizers
  if (old.metadata.deletionTimestamp === undefined) beginDeletion(definition, draft, 0, realm.now())
  else shortenGrace(draft.metadata, 0, realm.now())
  return recanonicalize(definition.shape, draft) as KubeObject
}

function beginDeletion(definition: ResourceDefinition, draft: KubeObject, graceSeconds: number, now: number): void {
  const meta = draft.metadata
  meta.deletionTimestamp = formatTime(now + graceMillis(graceSeconds))
  // A kind with finalizers of its own (namespaces) has no grace.
  if (!definition.keepsDeleted) meta.deletionGracePeriodSeconds = graceSeconds
  if (meta.generation) meta.generation++
}

// A later deletion may only shorten the time that is left, counted from the first one.
function shortenGrace(meta: ObjectMeta, graceSeconds: number, now: number): boolean {
  const current = meta.deletionGracePeriodSeconds
  if (current === undefined || graceSeconds >= current) return false
  const began = Date.parse(meta.deletionTimestamp as string) - graceMillis(current)
  const end = began + graceMillis(graceSeconds)
  meta.deletionTimestamp = formatTime(Math.max(end, now))
  meta.deletionGracePeriodSeconds = end < now && graceSeconds > 0 ? 1 : graceSeconds
  return true
}

const secondsMax = 9_223_372_036

/** Go counts time in 64 bits of nanoseconds: what is beyond them, three hundred years, comes back from the other end. */
function graceMillis(seconds: number): number {
  return seconds <= secondsMax ? seconds * 1000 : Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n)
}

function sameFinalizers(one: ObjectMeta, other: ObjectMeta): boolean {
  return (one.finalizers ?? []).join() === (other.finalizers ?? []).join()
}

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** Finalizers after the propagation policy has had its say. Upstream: store.go deletionFinalizersForGarbageCollection */
function finalizersFor(definition: ResourceDefinition, meta: ObjectMeta, options: DeleteOptions): string[] {
  const present = meta.finalizers ?? []
  const policy = policyOf(definition, present, options)
  const others = present.filter((finalizer) => finalizer !== orphan && finalizer !== foreground)
  if (policy === 'Orphan') return [...others, orphan]
  return policy === 'Foreground' ? [...others, foreground] : others
}

function policyOf(definition: ResourceDefinition, present: readonly string[], options: DeleteOptions): DeleteOptions['propagationPolicy'] {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background'
  if (options.propagationPolicy) return options.propagationPolicy
  if (present.includes(orphan)) return 'Orphan'
  if (present.includes(foreground)) return 'Foreground'
  return definition.defaultPropagation ?? 'Background'
}

function requirePreconditions(call: Call, old: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const kind = { group: call.definition.group, resource: call.definition.kind }
  if (uid !== undefined && uid !== old.metadata.uid) {
    const cause = `the UID in the precondition (${uid}) does not match the UID in record (${old.metadata.uid}). The object might have been deleted and then recreated`
    refuse(status.conflict(kind, call.name, cause))
  }
  if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion) {
    const cause = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${old.metadata.resourceVersion}). The object might have been modified`
    refuse(status.conflict(kind, call.name, cause))
  }
}
