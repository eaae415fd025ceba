// What is to be written so that the slices of a Service tell of its backends, and what is to be said of it.
// Upstream: endpointslice/reconciler.go Reconcile, finalize
import { type IPFamily, type Plan, type PlannedWrite, withMembers } from '../../machinery/index.js'
import { type EndpointSlice, endpointSlice } from '../../resources/index.js'
import { type Backend, backendOf } from '../service-backends/backend.js'
import { triggerTimeOf, withTriggerTime } from '../service-backends/trigger-time.js'
import { packFamily, recycleSlices } from './family-packing.js'
import { hintNews, lossNews } from './news.js'
import type { ObservedService } from './observed-service.js'
import type { Packing } from './packing.js'
import { namesIn, podsInScope, rememberLook } from './scope.js'
import { isOwnedBy, type SliceDraft } from './service-slice.js'
import { addTopologyHints } from './topology-hints.js'
import { distributeTraffic, hintModeOf, removeHints } from './traffic-distribution.js'

// Somebody may yet create the node of a pod. Upstream tries again after 1 s, 2 s, 4 s and so on.
const patience = { leastMillis: 1000, mostMillis: 1_000_000 }

export function reconcileSlices(observed: ObservedService, { endpointsPerSliceMax }: { endpointsPerSliceMax: number }): Plan {
  const { service, slices, scopes, nodes } = observed
  const isStranded = strandedBy(observed)
  const packed = [...scopes].map(([family, { pods, standing }]) => {
    const existing = slices.filter(({ addressType }) => addressType === family)
    const backends = pods.map(backendOf).filter((backend) => backend.isEligible && !isStranded(backend))
    return { family, ...withHints(packFamily({ service, family, backends, existing, standing, nodes, endpointsPerSliceMax }), observed) }
  })
  const stranded = podsInScope(scopes).map(backendOf).filter(isStranded)
  if (hintModeOf(service) !== 'auto') rememberLook({ service, pods: observed.pods, nodes, packed, stranded })
  const foreign = slices.filter(({ addressType }) => !scopes.has(addressType as IPFamily))
  const changes = packed.map(({ packing }) => recycleSlices(packing, service))
  const isInOrder = changes.every(({ creates, updates, deletes }) => !creates.length && !updates.length && !deletes.length)
  const news = [...hintNews(packed, observed), ...lossNews(stranded, observed)]
  const writes = isInOrder ? [...foreign.map(deletion), ...news] : [...sliceWrites(changes, observed), ...foreign.map(deletion), ...news]
  return stranded.length ? { writes, requeueAfterMillis: retryMillis(stranded, observed.now) } : { writes }
}

/** Whether a backend cannot be published because nobody knows its node. */
function strandedBy({ service, nodes }: ObservedService): (backend: Backend) => boolean {
  if (service.spec.publishNotReadyAddresses) return () => false
  return ({ isEligible, pod }) => isEligible && !nodes.has(pod.spec.nodeName ?? '')
}

/** Waits as long as the newest of them has waited, which doubles every time. */
function retryMillis(stranded: readonly Backend[], now: number): number {
  const created = stranded.map(({ pod }) => Date.parse(pod.metadata.creationTimestamp ?? '') || now)
  const waited = now - created.reduce((newest, time) => Math.max(newest, time), 0)
  return Math.min(Math.max(waited, patience.leastMillis), patience.mostMillis)
}

function withHints(packing: Packing, { service, allNodes }: ObservedService): { packing: Packing; problem?: string } {
  const mode = hintModeOf(service)
  if (mode === 'auto') return addTopologyHints(packing, allNodes)
  return { packing: mode === 'none' ? removeHints(packing) : distributeTraffic(packing, mode) }
}

/** Creates, updates and deletions of every family in turn. */
function sliceWrites(changes: readonly Packing[], observed: ObservedService): PlannedWrite[] {
  const { service, isNamespaceTerminating } = observed
  const time = sliceTriggerTime(observed)
  const create = (slice: SliceDraft): PlannedWrite => ({ verb: 'create', definition: endpointSlice, object: stamped(slice, time) })
  const update = (slice: SliceDraft): PlannedWrite => ({ verb: 'update', definition: endpointSlice, object: stamped(slice, time) })
  return changes.flatMap(({ creates, updates, deletes }) => {
    if (isNamespaceTerminating && creates.length) return []
    // What would be created for a Service that is going would be in the way of the garbage collector.
    const created = service.metadata.deletionTimestamp ? [] : creates.map(create)
    return [...created, ...updates.map(update), ...deletes.map(deletion)]
  })
}

function stamped(slice: SliceDraft, time: string | undefined): SliceDraft {
  const { annotations, ...metadata } = slice.metadata
  const changed = withTriggerTime(annotations, time)
  return { ...slice, metadata: changed ? withMembers(metadata, { annotations: changed }) : metadata }
}

function deletion({ metadata }: EndpointSlice): PlannedWrite {
  return { verb: 'delete', definition: endpointSlice, key: { namespace: metadata.namespace ?? '', name: metadata.name ?? '' } }
}

/** For a Service without slices it is the time of its creation. */
function sliceTriggerTime({ service, slices, scopes }: ObservedService): string | undefined {
  const owned = slices.filter((slice) => isOwnedBy(slice, service))
  if (!owned.length) return service.metadata.creationTimestamp
  const isStanding = (slice: EndpointSlice) => [...scopes.values()].some(({ standing }) => standing.has(slice))
  const wasReady = new Map<string, boolean>()
  for (const slice of owned) {
    if (isStanding(slice)) continue
    for (const { targetRef, conditions } of slice.endpoints ?? []) wasReady.set(targetRef?.name ?? '', conditions.serving ?? false)
  }
  const standing = owned.filter(isStanding)
  const known = podsInScope(scopes)
    .map(backendOf)
    .filter(({ isEligible, name }) => isEligible || wasReady.has(name))
  // What a standing slice says is true.
  const before = ({ name, isReady }: Backend) => wasReady.get(name) ?? (standing.some((slice) => namesIn(slice).has(name)) ? isReady : undefined)
  return triggerTimeOf(known, before)
}
