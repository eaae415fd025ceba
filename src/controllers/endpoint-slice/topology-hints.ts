// Topology aware hints: endpoints are meant for zones so that each zone has endpoints in proportion to its CPUs. Hints that
// stand and do no harm are left alone.
// Upstream: endpointslice/topologycache/topologycache.go AddHints, sliceinfo.go, utils.go redistributeHints, getHintsByZone
import { deepEqual } from '../../machinery/index.js'
import type { Endpoint, EndpointSlice, Node } from '../../resources/index.js'
import { draftOf, type Packing } from './packing.js'
import type { SliceDraft } from './service-slice.js'
import { removeHints } from './traffic-distribution.js'
import { allocateZones, type ZoneAllocations, zoneTransfers } from './zone-allocation.js'

/**
 * @param packing of a look at all slices
 * @returns the packing with hints, or without any and why that is
 */
export function addTopologyHints(packing: Packing, nodes: readonly Node[]): { packing: Packing; problem?: string } {
  const allocated = allocateZones(nodes, countReady([...packing.creates, ...packing.updates, ...packing.unchanged]))
  if ('problem' in allocated) return { packing: removeHints(packing), problem: allocated.problem }
  const { present, ...hinted } = keepHarmless(packing, allocated.allocations)
  const drafts = [...hinted.creates, ...hinted.updates]
  if (drafts.some(({ endpoints }) => endpoints.some((endpoint) => isReady(endpoint) && !endpoint.zone))) {
    return { packing: removeHints(packing), problem: 'One or more endpoints do not have a zone specified' }
  }
  hintOwnZones(drafts, present)
  redistribute(drafts, zoneTransfers(allocated.allocations, present))
  return { packing: withoutIdleUpdates(hinted, packing.unchanged) }
}

/** A slice whose hints come out as they were need not be written. */
function withoutIdleUpdates(hinted: Packing, before: readonly EndpointSlice[]): Packing {
  const byName = new Map(before.map((slice) => [slice.metadata.name, slice]))
  const idle = (draft: SliceDraft) => {
    const slice = byName.get(draft.metadata.name)
    return slice && deepEqual(slice.endpoints, draft.endpoints) ? slice : undefined
  }
  const unchanged = [...hinted.unchanged, ...hinted.updates.flatMap((draft) => idle(draft) ?? [])]
  return { ...hinted, updates: hinted.updates.filter((draft) => !idle(draft)), unchanged }
}

const isReady = ({ conditions }: Endpoint) => conditions.ready === true

function countReady(slices: readonly EndpointSlice[]): number {
  return slices.reduce((sum, { endpoints }) => sum + (endpoints ?? []).filter(isReady).length, 0)
}

/** Unchanged slices whose hints fit the allocations stay; the others are written. `present` counts the hints that stay. */
function keepHarmless(packing: Packing, allocations: ZoneAllocations): Packing & { present: Map<string, number> } {
  const present = new Map<string, number>()
  const updates = [...packing.updates]
  const unchanged: EndpointSlice[] = []
  for (const slice of packing.unchanged) {
    const counts = hintCounts(slice, allocations, present)
    if (counts) {
      unchanged.push(slice)
      for (const [zone, count] of counts) present.set(zone, (present.get(zone) ?? 0) + count)
    } else updates.push(draftOf(slice, slice.endpoints ?? []))
  }
  return { ...packing, updates, unchanged, present }
}

/** Hints of a slice by zone, or nothing when one is missing, is for a zone that wants none, or there are too many for a zone. */
function hintCounts({ endpoints }: EndpointSlice, allocations: ZoneAllocations, present: ReadonlyMap<string, number>): Map<string, number> | undefined {
  const counts = new Map<string, number>()
  for (const endpoint of endpoints ?? []) {
    if (!isReady(endpoint)) continue
    const zones = endpoint.hints?.forZones ?? []
    if (!zones.length || zones.some(({ name }) => !allocations.has(name))) return undefined
    for (const { name } of zones) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const isTooMuch = [...counts].some(([zone, count]) => count + (present.get(zone) ?? 0) > (allocations.get(zone)?.max ?? 0))
  return isTooMuch ? undefined : counts
}

function hintOwnZones(drafts: readonly SliceDraft[], present: Map<string, number>): void {
  for (const slice of drafts) {
    slice.endpoints = slice.endpoints.map((endpoint) => {
      if (!isReady(endpoint) || !endpoint.zone) return endpoint
      present.set(endpoint.zone, (present.get(endpoint.zone) ?? 0) + 1)
      return withZone(endpoint, endpoint.zone)
    })
  }
}

const withZone = (endpoint: Endpoint, zone: string): Endpoint => ({ ...endpoint, hints: { forZones: [{ name: zone }] } })

/** Gives endpoints of zones with many to zones with few, in the order in which they stand. */
function redistribute(drafts: readonly SliceDraft[], { giving, receiving }: { giving: Map<string, number>; receiving: Map<string, number> }): void {
  for (const slice of drafts) {
    slice.endpoints = slice.endpoints.map((endpoint) => {
      const zone = endpoint.zone ?? ''
      const [receiver] = receiving.keys()
      if (!isReady(endpoint) || !giving.has(zone) || receiver === undefined) return endpoint
      takeOne(giving, zone)
      takeOne(receiving, receiver)
      return withZone(endpoint, receiver)
    })
  }
}

function takeOne(counts: Map<string, number>, zone: string): void {
  const left = (counts.get(zone) ?? 0) - 1
  if (left > 0) counts.set(zone, left)
  else counts.delete(zone)
}
