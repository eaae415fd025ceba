// The EndpointSlice mirroring controller: Endpoints that somebody made for a Service without a selector are told as slices
// too, for readers who know nothing else.
// Upstream: pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go, reconciler.go
// Differs: an event that was said of the same Endpoints before is not said again.
import {
  type Change,
  type Controller,
  deepEqual,
  defineController,
  keyOf,
  type ObjectKey,
  on,
  type Plan,
  type PlannedWrite,
  type Snapshot,
} from '../../machinery/index.js'
import {
  type EndpointSlice,
  type Endpoints,
  type Event,
  endpointSlice,
  endpoints,
  namespace as namespaceDefinition,
  type Service,
  service,
} from '../../resources/index.js'
import { ownersOfSlice } from '../endpoint-slice/service-slice.js'
import { slicesOf } from '../service-backends/indexes.js'
import { portSetOf } from '../service-backends/ports.js'
import { eventsAbout, isRecorded } from '../service-backends/recorded-events.js'
import { keyOfSlice, type Mirror, mirroredMax, mirrorManager, mirrorOf, sliceFor } from './mirrored-slices.js'

interface Observed {
  /** Absent: there is nothing to mirror. */
  mirrored?: { owner: Endpoints; mirror: Mirror }
  /** Those of this controller that are not being deleted. */
  slices: readonly EndpointSlice[]
  /** What was said of the Endpoints; gathered when there is something to say. */
  events: readonly Event[]
  isNamespaceTerminating: boolean
}

const component = 'endpoint-slice-mirroring-controller'
const reasons = { invalid: 'InvalidIPAddress', tooMany: 'TooManyAddressesToMirror' } as const
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'

export const endpointSliceMirroringController: Controller<Observed> = defineController<Observed>({
  name: 'endpointslice-mirroring-controller',
  username: 'system:serviceaccount:kube-system:endpointslicemirroring-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    on(endpoints, changedEndpoints),
    on(service, changedService),
    on(endpointSlice, (change: Change<EndpointSlice>) => ownersOfSlice(change, mirrorManager)),
  ],
  observe,
  reconcile,
})

/** Endpoints of a Service with a selector are not mirrored, nor were they: when that changes, the Service says so. */
function changedEndpoints({ object, old = object }: Change<Endpoints>, snapshot: Snapshot): ObjectKey[] {
  const key = keyOf(object)
  if (!isMirrorable(object) && !isMirrorable(old)) return []
  return snapshot.get(service, key)?.spec.selector ? [] : [key]
}

function changedService({ object, old, deleted }: Change<Service>): ObjectKey[] {
  const isConcerned = old && !deleted ? !object.spec.selector !== !old.spec.selector : !object.spec.selector
  return isConcerned ? [keyOf(object)] : []
}

function isMirrorable({ metadata: { labels, annotations } }: Endpoints): boolean {
  return labels?.[skipLabel] !== 'true' && annotations?.[leaderAnnotation] === undefined
}

function observe(key: ObjectKey, snapshot: Snapshot): Observed | undefined {
  const [owner, namesake] = [snapshot.get(endpoints, key), snapshot.get(service, key)]
  const slices = slicesOf(key, mirrorManager, snapshot)
  const isMirrored = owner && isMirrorable(owner) && namesake && !namesake.spec.selector
  if (!isMirrored) return slices.length ? { slices, events: [], isNamespaceTerminating: false } : undefined
  const mirror = mirrorOf(owner)
  return {
    mirrored: { owner, mirror },
    slices,
    events: mirror.skippedCount ? eventsAbout(owner, Object.values(reasons), snapshot) : [],
    isNamespaceTerminating: snapshot.get(namespaceDefinition, { name: key.namespace })?.metadata.deletionTimestamp !== undefined,
  }
}

function reconcile({ mirrored, slices, events, isNamespaceTerminating }: Observed): Plan {
  if (!mirrored) return { writes: slices.map(deletion) }
  const { owner, mirror } = mirrored
  const { creates, updates, deletes } = recycle(compare(owner, mirror, slices))
  const isStopped = isNamespaceTerminating && creates.length > 0
  const writes: PlannedWrite[] = isStopped
    ? []
    : [
        ...(owner.metadata.deletionTimestamp ? [] : creates).map((object): PlannedWrite => ({ verb: 'create', definition: endpointSlice, object })),
        ...updates.map((object): PlannedWrite => ({ verb: 'update', definition: endpointSlice, object })),
        ...deletes.map(deletion),
      ]
  return { writes: [...writes, ...news(owner, mirror, events)] }
}

interface SliceChanges {
  creates: EndpointSlice[]
  updates: EndpointSlice[]
  deletes: EndpointSlice[]
}

/** One slice for each key; a slice that says anything else is written as a whole. */
function compare(owner: Endpoints, { slices: wanted }: Mirror, existing: readonly EndpointSlice[]): SliceChanges {
  const changes: SliceChanges = { creates: [], updates: [], deletes: [] }
  const byKey = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    const key = keyOfSlice(slice.addressType, portSetOf(slice.ports))
    byKey.set(key, [...(byKey.get(key) ?? []), slice])
  }
  for (const each of wanted) {
    const key = keyOfSlice(each.family, each.ports)
    const [slice, ...surplus] = byKey.get(key) ?? []
    byKey.delete(key)
    changes.deletes.push(...surplus)
    const draft = sliceFor(owner, each)
    if (!slice) changes.creates.push(draft)
    else if (!saysTheSame(slice, draft)) changes.updates.push(inPlaceOf(slice, draft))
  }
  changes.deletes.push(...[...byKey.values()].flat())
  return changes
}

function saysTheSame(slice: EndpointSlice, draft: EndpointSlice): boolean {
  const [one, other] = [slice.metadata, draft.metadata]
  return (
    deepEqual(slice.endpoints ?? [], draft.endpoints) &&
    deepEqual(one.labels, other.labels) &&
    deepEqual(one.annotations ?? {}, other.annotations ?? {}) &&
    (one.ownerReferences ?? []).some(({ uid }) => uid === other.ownerReferences?.[0].uid)
  )
}

function inPlaceOf({ metadata: { name, resourceVersion } }: EndpointSlice, draft: EndpointSlice): EndpointSlice {
  return { ...draft, metadata: { ...draft.metadata, name, resourceVersion } }
}

/** A slice to be created takes the place of one of its family that would be deleted. */
function recycle({ creates, updates, deletes }: SliceChanges): SliceChanges {
  const changes: SliceChanges = { creates: [], updates: [...updates], deletes: [...deletes] }
  for (const draft of creates) {
    const index = changes.deletes.findIndex(({ addressType }) => addressType === draft.addressType)
    if (index < 0) changes.creates.push(draft)
    else changes.updates.push(inPlaceOf(changes.deletes.splice(index, 1)[0], draft))
  }
  return changes
}

function deletion(slice: EndpointSlice): PlannedWrite {
  return { verb: 'delete', definition: endpointSlice, key: keyOf(slice) }
}

function news({ metadata }: Endpoints, { invalidCount, skippedCount }: Mirror, events: readonly Event[]): PlannedWrite[] {
  const { namespace, name = '', uid, resourceVersion } = metadata
  const regarding = { apiVersion: 'v1', kind: 'Endpoints', namespace, name, uid, resourceVersion }
  const said: [reason: string, message: string][] = []
  if (invalidCount) said.push([reasons.invalid, `Skipped ${invalidCount} invalid IP addresses when mirroring to EndpointSlices`])
  if (skippedCount > invalidCount) {
    said.push([
      reasons.tooMany,
      `A max of ${mirroredMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skippedCount} addresses were skipped`,
    ])
  }
  return said
    .filter(([reason, message]) => !isRecorded(events, reason, message))
    .map(([reason, message]) => ({ verb: 'event', event: { regarding, type: 'Warning', reason, message, component } }))
}
