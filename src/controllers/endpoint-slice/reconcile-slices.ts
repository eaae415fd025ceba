// What is to be written so that the slices of a Service tell of its backends, and what is to be said of it.
// Upstream: endpointslice/reconciler.go Reconcile, finalize
import type { IPFamily, Plan, PlannedWrite } from '../../machinery/index.js'
import { type EndpointSlice, endpointSlice } from '../../resources/index.js'
import { type Backend, backendOf } from '../service-backends/backend.js'
import { triggerTimeOf, withTriggerTime } from '../service-backends/trigger-time.js'
import { packFamily, recycleSlices } from './family-packing.js'
import { hintNews, lossNews } from './news.js'
import type { ObservedService } from './observed-service.js'
import type { Packing } from './packing.js'
import { familiesOf, isOwnedBy, type SliceDraft } from './service-slice.js'
import { addTopologyHints } from './topology-hints.js'
import { distributeTraffic, hintModeOf, removeHints } from './traffic-distribution.js'

// Somebody may yet create the node of a pod. Upstream tries again after 1 s, 2 s, 4 s and so on.
const patience = { leastMillis: 1000, mostMillis: 1_000_000 }

export function reconcileSlices(observed: ObservedService, { endpointsPerSliceMax }: { endpointsPerSliceMax: number }): Plan {
  const { service, slices, nodes } = observed
  const families = familiesOf(service)
  const { backends, stranded } = splitBackends(observed)
  const packed = families.map((family) => {
    const existing = slices.filter(({ addressType }) => addressType === family)
    return { family, ...withHints(packFamily({ service, family, backends, existing, nodes, endpointsPerSliceMax }), observed) }
  })
  const foreign = slices.filter(({ addressType }) => !families.includes(addressType as IPFamily))
  const writes = [
    ...sliceWrites(
      packed.map(({ packing }) => packing),
      observed,
    ),
    ...foreign.map(deletion),
    ...hintNews(packed, observed),
    ...lossNews(stranded, observed),
  ]
  return stranded.length ? { writes, requeueAfterMillis: retryMillis(stranded, observed.now) } : { writes }
}

/** Backends to publish, and those that cannot be because nobody knows their node. */
function splitBackends({ service, pods, nodes }: ObservedService): { backends: Backend[]; stranded: Backend[] } {
  const backends: Backend[] = []
  const stranded: Backend[] = []
  for (const pod of pods) {
    const backend = backendOf(pod)
    if (!backend.isEligible) continue
    if (service.spec.publishNotReadyAddresses || nodes.has(pod.spec.nodeName ?? '')) backends.push(backend)
    else stranded.push(backend)
  }
  return { backends, stranded }
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
function sliceWrites(packings: readonly Packing[], observed: ObservedService): PlannedWrite[] {
  const changes = packings
    .map((packing) => recycleSlices(packing, observed.service))
    .filter(({ creates }) => !observed.isNamespaceTerminating || !creates.length)
  if (changes.every(({ creates, updates, deletes }) => !creates.length && !updates.length && !deletes.length)) return []
  const time = sliceTriggerTime(observed)
  return changes.flatMap(({ creates, updates, deletes }) => [
    // What would be created now would be in the way of the garbage collector.
    ...(observed.service.metadata.deletionTimestamp ? [] : creates).map(
      (slice): PlannedWrite => ({ verb: 'create', definition: endpointSlice, object: stamped(slice, time) }),
    ),
    ...updates.map((slice): PlannedWrite => ({ verb: 'update', definition: endpointSlice, object: stamped(slice, time) })),
    ...deletes.map(deletion),
  ])
}

function stamped(slice: SliceDraft, time: string | undefined): SliceDraft {
  const { annotations, ...metadata } = slice.metadata
  const changed = withTriggerTime(annotations, time)
  return { ...slice, metadata: changed ? { ...metadata, annotations: changed } : metadata }
}

function deletion({ metadata }: EndpointSlice): PlannedWrite {
  return { verb: 'delete', definition: endpointSlice, key: { namespace: metadata.namespace ?? '', name: metadata.name ?? '' } }
}

/** For a Service without slices it is the time of its creation. */
function sliceTriggerTime({ service, pods, slices }: ObservedService): string | undefined {
  const owned = slices.filter((slice) => isOwnedBy(slice, service))
  if (!owned.length) return service.metadata.creationTimestamp
  const wasReady = new Map<string, boolean>()
  for (const { endpoints } of owned) {
    for (const { targetRef, conditions } of endpoints ?? []) wasReady.set(targetRef?.name ?? '', conditions.serving ?? false)
  }
  const known = pods.map(backendOf).filter(({ isEligible, name }) => isEligible || wasReady.has(name))
  return triggerTimeOf(known, ({ name }) => wasReady.get(name))
}
