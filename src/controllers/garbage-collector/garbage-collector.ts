// What has lost its last owner goes. An owner may wait for its dependents to go first, or let go of them.
// Upstream: pkg/controller/garbagecollector/garbagecollector.go, graph_builder.go
import {
  type Change,
  type Controller,
  type DeleteOptions,
  deepEqual,
  defineController,
  type KubeObject,
  keyOf,
  type OwnerReference,
  onEvery,
  type Plain,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
  type ResourceDefinition,
  type Snapshot,
  type WorkKey,
} from '../../machinery/index.js'
import { dependentsByOwner, foregroundFinalizer, isDeleting, isElsewhere, type OwnerState, orphanFinalizer, ownerState } from './ownership.js'

interface Member {
  definition: ResourceDefinition
  object: KubeObject
}

interface Observed extends Member {
  dependents: readonly Member[]
  owners: readonly { reference: OwnerReference; state: OwnerState; isElsewhere: boolean }[]
}

export const garbageCollector: Controller<Observed> = defineController<Observed>({
  name: 'garbage-collector-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:generic-garbage-collector',
  watches: [onEvery(wokenBy)],
  observe(key, snapshot) {
    const definition = snapshot.definitions.find((each) => each.key === key.resource)
    const object = definition && (snapshot.get(definition, key) as KubeObject | undefined)
    if (!object) return undefined
    const owners = (object.metadata.ownerReferences ?? []).map((reference) => {
      const state = ownerState(object, reference, snapshot)
      const isLost = state === 'absent' || state === 'unreachable'
      return { reference, state, isElsewhere: isLost && isElsewhere(object, reference, snapshot) }
    })
    const dependents = snapshot.find(dependentsByOwner, object.metadata.uid ?? '').flatMap((dependent) => memberOf(dependent, snapshot) ?? [])
    return { definition, object, dependents, owners }
  },
  reconcile(observed): Plan {
    const { object } = observed
    if (isDeleting(object, orphanFinalizer)) return letGo(observed)
    if (isDeleting(object, foregroundFinalizer)) return finishWaiting(observed)
    return object.metadata.deletionTimestamp ? { writes: [] } : judge(observed)
  },
})

function memberOf(object: KubeObject, snapshot: Snapshot): Member | undefined {
  const definition = snapshot.findKind(object.apiVersion, object.kind)
  return definition && { definition, object }
}

/** Those whose fate a change may decide: the object, what belongs to it, and owners that wait for it. */
function wokenBy({ definition, object, old, deleted }: Change, snapshot: Snapshot): WorkKey[] {
  const keys: WorkKey[] = []
  const { metadata } = object
  const isEnding = (each: KubeObject | undefined) => each !== undefined && (isDeleting(each, foregroundFinalizer) || isDeleting(each, orphanFinalizer))
  if (deleted || (isEnding(object) && !isEnding(old))) {
    const dependents = snapshot.find(dependentsByOwner, metadata.uid ?? '')
    keys.push(...dependents.flatMap((dependent) => memberOf(dependent, snapshot) ?? []).map(workKeyOf))
  }
  if (!deleted && (isEnding(object) || hasLostOwner(object, snapshot))) keys.push(workKeyOf({ definition, object }))
  if (deleted || !deepEqual(metadata.ownerReferences, old?.metadata.ownerReferences)) {
    for (const each of [object, old]) for (const reference of each?.metadata.ownerReferences ?? []) keys.push(...waitingOwner(object, reference, snapshot))
  }
  return keys
}

function hasLostOwner(object: KubeObject, snapshot: Snapshot): boolean {
  return object.metadata.ownerReferences?.some((reference) => ownerState(object, reference, snapshot) !== 'solid') ?? false
}

function waitingOwner(object: KubeObject, reference: OwnerReference, snapshot: Snapshot): WorkKey[] {
  if (ownerState(object, reference, snapshot) !== 'waiting') return []
  const definition = snapshot.findKind(reference.apiVersion, reference.kind)?.storedAs
  if (!definition) return []
  return [{ resource: definition.key, namespace: definition.namespaced ? (object.metadata.namespace ?? '') : '', name: reference.name }]
}

const workKeyOf = ({ definition, object }: Member): WorkKey => ({ resource: definition.key, ...keyOf(object) })

/** Dependents forget the owner, then it goes. */
function letGo({ definition, object, dependents }: Observed): Plan {
  const released = dependents.map((dependent) => withoutOwners(dependent, ({ uid }) => uid === object.metadata.uid))
  return { writes: [...released, withoutFinalizer({ definition, object }, orphanFinalizer)] }
}

/** The owner goes when no dependent is left that holds it. */
function finishWaiting({ definition, object, dependents }: Observed): Plan {
  const holds = ({ object: { metadata } }: Member) =>
    metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === object.metadata.uid && blockOwnerDeletion)
  return { writes: dependents.some(holds) ? [] : [withoutFinalizer({ definition, object }, foregroundFinalizer)] }
}

function judge({ definition, object, owners, dependents }: Observed): Plan {
  const events: PlannedWrite[] = owners
    .filter((owner) => owner.isElsewhere)
    .map(({ reference }) => ({ verb: 'event', event: invalidNamespace(object, reference) }))
  const has = (state: OwnerState) => owners.some((owner) => owner.state === state)
  // Nothing is deleted on a guess.
  if (!owners.length || has('unknown') || has('unreachable')) return { writes: events }
  if (has('solid')) {
    if (!has('absent') && !has('waiting')) return { writes: [] }
    const isLost = (reference: OwnerReference) => owners.some((owner) => owner.reference === reference && owner.state !== 'solid')
    return { writes: [...events, withoutOwners({ definition, object }, isLost)] }
  }
  if (has('waiting') && dependents.length) {
    // In a circle each would wait for the other: this one waits for nobody.
    const isCircle = dependents.some((dependent) => isDeleting(dependent.object, foregroundFinalizer))
    const released = isCircle ? [withOwners({ definition, object }, unblocked(object))] : []
    return { writes: [...events, ...released, deletion({ definition, object }, 'Foreground', isCircle)] }
  }
  return { writes: [...events, deletion({ definition, object }, ownPolicy(object))] }
}

function ownPolicy({ metadata }: KubeObject): DeleteOptions['propagationPolicy'] {
  if (metadata.finalizers?.includes(orphanFinalizer)) return 'Orphan'
  return metadata.finalizers?.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
}

function unblocked({ metadata }: KubeObject): OwnerReference[] {
  return (metadata.ownerReferences ?? []).map((reference) => (reference.blockOwnerDeletion ? { ...reference, blockOwnerDeletion: false } : reference))
}

/** @param isChanged by a write before it, so that its version is no longer known */
function deletion({ definition, object }: Member, propagationPolicy: DeleteOptions['propagationPolicy'], isChanged = false): PlannedWrite {
  const { uid, resourceVersion } = object.metadata
  const preconditions = isChanged ? { uid } : { uid, resourceVersion }
  return { verb: 'delete', definition, key: keyOf(object), options: { preconditions, propagationPolicy } }
}

function withoutOwners(member: Member, isLost: (reference: OwnerReference) => boolean): PlannedWrite {
  return withOwners(member, member.object.metadata.ownerReferences?.filter((reference) => !isLost(reference)) ?? [])
}

function withOwners(member: Member, ownerReferences: readonly OwnerReference[]): PlannedWrite {
  return metadataPatch(member, { ownerReferences: ownerReferences.length ? ownerReferences : null })
}

function withoutFinalizer(member: Member, finalizer: string): PlannedWrite {
  const finalizers = member.object.metadata.finalizers?.filter((each) => each !== finalizer) ?? []
  return metadataPatch(member, { finalizers: finalizers.length ? finalizers : null })
}

function metadataPatch({ definition, object }: Member, change: Plain): PlannedWrite {
  const { uid, resourceVersion } = object.metadata
  return { verb: 'patch', definition, key: keyOf(object), type: 'merge', patch: { metadata: { uid, resourceVersion, ...change } } }
}

function invalidNamespace({ apiVersion, kind, metadata }: KubeObject, reference: OwnerReference): PlannedEvent {
  const { name = '', namespace = '', uid } = metadata
  const owner = `[${reference.apiVersion}/${reference.kind}, namespace: ${namespace}, name: ${reference.name}, uid: ${reference.uid}]`
  return {
    regarding: { apiVersion, kind, ...(namespace ? { namespace } : {}), name, uid },
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef ${owner} does not exist in namespace "${namespace}"`,
    component: 'garbage-collector-controller',
  }
}
