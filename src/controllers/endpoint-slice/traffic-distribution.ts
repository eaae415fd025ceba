// Hints that follow from spec.trafficDistribution: each ready endpoint is meant for its own zone, or its own node as well.
// Upstream: endpointslice/trafficdist/trafficdist.go, endpointslice/utils.go hintsEnabled, RemoveHintsFromSlices
import { deepEqual } from '../../machinery/index.js'
import type { Endpoint, EndpointHints, EndpointSlice, Service } from '../../resources/index.js'
import { draftOf, type Packing, withoutHints } from './packing.js'
import type { SliceDraft } from './service-slice.js'

/** What hints are for: `auto` spreads endpoints over zones by their share of CPUs. */
export type HintMode = 'none' | 'zone' | 'node' | 'auto'

const modes: Readonly<Record<string, HintMode>> = { PreferClose: 'zone', PreferSameZone: 'zone', PreferSameNode: 'node' }

/** The annotation goes before the field, and its older name before its newer one. */
export function hintModeOf({ metadata: { annotations }, spec }: Service): HintMode {
  const topologyMode = annotations?.['service.kubernetes.io/topology-aware-hints'] ?? annotations?.['service.kubernetes.io/topology-mode']
  if (topologyMode === 'Auto' || topologyMode === 'auto') return 'auto'
  return modes[spec.trafficDistribution ?? ''] ?? 'none'
}

/** Writes the hints of a mode into the slices of a packing; unchanged slices with other hints become updates. */
export function distributeTraffic(packing: Packing, mode: 'zone' | 'node'): Packing {
  const isRight = (endpoint: Endpoint) => !endpoint.conditions.ready || isSameHint(endpoint.hints, hintFor(endpoint, mode))
  const distributed = withUpdates(packing, (slice) => !(slice.endpoints ?? []).every(isRight))
  for (const slice of [...distributed.creates, ...distributed.updates]) slice.endpoints = slice.endpoints.map((endpoint) => withHint(endpoint, mode))
  return distributed
}

/** Takes the hints out of all slices of a packing. */
export function removeHints(packing: Packing): Packing {
  const cleared = withUpdates(packing, hasHints)
  for (const slice of [...cleared.creates, ...cleared.updates]) slice.endpoints = slice.endpoints.map(withoutHints)
  return cleared
}

export function hasHints({ endpoints }: EndpointSlice): boolean {
  return (endpoints ?? []).some(({ hints }) => hints !== undefined)
}

/** Moves unchanged slices that must be written to the updates. */
export function withUpdates(packing: Packing, mustChange: (slice: EndpointSlice) => boolean): Packing {
  const unchanged: EndpointSlice[] = []
  const updates: SliceDraft[] = [...packing.updates]
  for (const slice of packing.unchanged) {
    if (mustChange(slice)) updates.push(draftOf(slice, slice.endpoints ?? []))
    else unchanged.push(slice)
  }
  return { ...packing, updates, unchanged }
}

// What is not ready keeps what it has: nothing is sent there.
function withHint(endpoint: Endpoint, mode: 'zone' | 'node'): Endpoint {
  if (!endpoint.conditions.ready) return endpoint
  const hints = hintFor(endpoint, mode)
  return hints ? { ...endpoint, hints } : withoutHints(endpoint)
}

function hintFor({ zone, nodeName }: Endpoint, mode: 'zone' | 'node'): EndpointHints | undefined {
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] }
  const forNodes = mode === 'zone' || nodeName === undefined ? {} : { forNodes: [{ name: nodeName }] }
  const hints = { ...forZones, ...forNodes }
  return Object.keys(hints).length ? hints : undefined
}

function isSameHint(one: EndpointHints = {}, other: EndpointHints = {}): boolean {
  return deepEqual(one.forZones ?? [], other.forZones ?? []) && deepEqual(one.forNodes ?? [], other.forNodes ?? [])
}
