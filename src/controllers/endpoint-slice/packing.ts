// Packing: how the endpoints of one family and one set of ports are spread over slices with the fewest writes. What stands
// stays where it is; what is new fills slices that are written anyway, then one more slice, then new ones.
// Upstream: endpointslice/reconciler.go reconcileByPortMapping, endpointslice/utils.go getSliceToFill
import type { Endpoint, EndpointSlice } from '../../resources/index.js'
import type { DesiredEndpoints } from './desired-endpoints.js'
import type { SliceDraft } from './service-slice.js'

/** What becomes of slices. */
export interface Packing {
  creates: SliceDraft[]
  updates: SliceDraft[]
  deletes: EndpointSlice[]
  unchanged: EndpointSlice[]
  /** Unchanged, and known to be right without a look. */
  standing: EndpointSlice[]
}

export interface PackingOptions {
  endpointsPerSliceMax: number
  labels: Record<string, string>
  hasStaleLabels(slice: EndpointSlice): boolean
  /** An empty slice of the right ports. */
  newSlice(): SliceDraft
}

export function emptyPacking(): Packing {
  return { creates: [], updates: [], deletes: [], unchanged: [], standing: [] }
}

/** @param desired is emptied; none of it is in `standing` slices */
export function packSlices(
  existing: readonly EndpointSlice[],
  standing: readonly EndpointSlice[],
  desired: DesiredEndpoints,
  options: PackingOptions,
): Packing {
  const packing = { ...keepPlaced(existing, desired, options), standing: [...standing] }
  fillUpdates(packing.updates, desired, options)
  placeRest(packing, desired, options)
  return packing
}

/** Takes out what is not desired any more, and notes which slices say something that is not true. */
function keepPlaced(existing: readonly EndpointSlice[], desired: DesiredEndpoints, { labels, hasStaleLabels }: PackingOptions): Packing {
  const packing = emptyPacking()
  for (const slice of existing) {
    const standing = slice.endpoints ?? []
    const kept: Endpoint[] = []
    let isChanged = false
    for (const endpoint of standing) {
      const wanted = desired.claim(endpoint)
      if (wanted !== endpoint) isChanged = true
      if (wanted) kept.push(wanted)
    }
    if (isChanged && !kept.length) packing.deletes.push(slice)
    else if (isChanged) packing.updates.push(draftOf(slice, kept.map(withoutHints), labels))
    else if (hasStaleLabels(slice)) packing.updates.push(draftOf(slice, kept, labels))
    else packing.unchanged.push(slice)
  }
  return packing
}

/** A copy of a slice with other endpoints, and other labels if given. */
export function draftOf(slice: EndpointSlice, endpoints: readonly Endpoint[], labels = slice.metadata.labels): SliceDraft {
  return { ...slice, metadata: { ...slice.metadata, labels }, endpoints: [...endpoints] }
}

export function withoutHints(endpoint: Endpoint): Endpoint {
  if (!endpoint.hints) return endpoint
  const { hints: _hints, ...others } = endpoint
  return others
}

/** What is written anyway takes in new endpoints first, the fullest slice before the others. */
function fillUpdates(updates: readonly SliceDraft[], desired: DesiredEndpoints, options: PackingOptions): void {
  if (!desired.size) return
  for (const slice of [...updates].sort((one, other) => other.endpoints.length - one.endpoints.length)) fill(slice, desired, options)
}

function fill(slice: SliceDraft, desired: DesiredEndpoints, { endpointsPerSliceMax }: PackingOptions): void {
  while (slice.endpoints.length < endpointsPerSliceMax) {
    const endpoint = desired.take()
    if (!endpoint) return
    slice.endpoints.push(endpoint)
  }
}

/** What then has no place goes to the one unchanged slice that it fills best, if it fits as a whole, or to new slices. */
function placeRest(packing: Packing, desired: DesiredEndpoints, options: PackingOptions): void {
  while (desired.size) {
    const { unchanged, standing } = packing
    const slice = desired.size < options.endpointsPerSliceMax ? bestToFill([...unchanged, ...standing], desired.size, options) : undefined
    const draft = slice ? draftOf(slice, slice.endpoints ?? []) : options.newSlice()
    fill(draft, desired, options)
    if (slice) {
      packing.unchanged = unchanged.filter((each) => each !== slice)
      packing.standing = standing.filter((each) => each !== slice)
      packing.updates.push(draft)
    } else packing.creates.push(draft)
  }
}

/** Of slices that would be equally full the first by name. */
function bestToFill(slices: readonly EndpointSlice[], count: number, { endpointsPerSliceMax }: PackingOptions): EndpointSlice | undefined {
  let [best, leastLeft]: [EndpointSlice | undefined, number] = [undefined, endpointsPerSliceMax]
  for (const slice of slices) {
    const left = endpointsPerSliceMax - count - (slice.endpoints?.length ?? 0)
    const isBetter = left < leastLeft || (left === leastLeft && best !== undefined && nameOf(slice) < nameOf(best))
    if (left >= 0 && isBetter) [best, leastLeft] = [slice, left]
  }
  return best
}

const nameOf = ({ metadata }: EndpointSlice) => metadata.name ?? ''
