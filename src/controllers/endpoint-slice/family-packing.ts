// The slices of one family: a packing for each set of ports, and a placeholder where there would be no slice at all.
// Upstream: endpointslice/reconciler.go reconcileByAddressType, finalize
import type { IPFamily } from '../../machinery/index.js'
import type { EndpointSlice, Node, Service } from '../../resources/index.js'
import type { Backend } from '../service-backends/backend.js'
import { type PortSet, portResolver, portSetOf } from '../service-backends/ports.js'
import { DesiredEndpoints, type EndpointContext } from './desired-endpoints.js'
import { emptyPacking, type Packing, type PackingOptions, packSlices } from './packing.js'
import { hasStaleLabels, isOwnedBy, isPlaceholder, newSlice, sliceLabels } from './service-slice.js'
import { zoneLabel } from './zone-allocation.js'

export interface FamilyInputs {
  service: Service
  family: IPFamily
  /** In order of their names. */
  backends: readonly Backend[]
  existing: readonly EndpointSlice[]
  /** Slices that are right as they are, with backends other than these. */
  standing: ReadonlySet<EndpointSlice>
  nodes: ReadonlyMap<string, Node>
  endpointsPerSliceMax: number
}

interface Group {
  ports: PortSet
  desired: DesiredEndpoints
  existing: EndpointSlice[]
  standing: EndpointSlice[]
}

export function packFamily(inputs: FamilyInputs): Packing {
  const { service, family } = inputs
  const groups = new Map<string, Group>()
  const groupOf = groupFinder(groups, inputs)
  addBackends(groupOf, inputs)
  const packing = emptyPacking()
  packing.deletes.push(...addSlices(groups, groupOf, inputs))
  const labels = sliceLabels(service)
  for (const [, group] of [...groups].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const options: PackingOptions = {
      endpointsPerSliceMax: inputs.endpointsPerSliceMax,
      labels,
      hasStaleLabels: (slice) => hasStaleLabels(slice, service),
      newSlice: () => newSlice(service, family, group.ports),
    }
    addTo(packing, packSlices(group.existing, group.standing, group.desired, options))
  }
  return withPlaceholder(packing, inputs)
}

function groupFinder(groups: Map<string, Group>, { service, family, nodes }: FamilyInputs): (ports: PortSet) => Group {
  const zoneOf = ({ pod }: Backend) => nodes.get(pod.spec.nodeName ?? '')?.metadata.labels?.[zoneLabel]
  const context: EndpointContext = { service, family, zoneOf }
  return (ports) => {
    const group = groups.get(ports.key) ?? { ports, desired: new DesiredEndpoints(context), existing: [], standing: [] }
    groups.set(ports.key, group)
    return group
  }
}

function addBackends(groupOf: (ports: PortSet) => Group, { service, family, backends }: FamilyInputs): void {
  const portsOn = portResolver(service)
  for (const backend of backends) {
    const { desired } = groupOf(portsOn(backend.pod))
    if (backend.addresses[family].length) desired.add(backend)
  }
}

/** @returns slices that belong to no group */
function addSlices(groups: ReadonlyMap<string, Group>, groupOf: (ports: PortSet) => Group, { service, existing, standing }: FamilyInputs): EndpointSlice[] {
  const rest: EndpointSlice[] = []
  for (const slice of existing) if (standing.has(slice)) groupOf(portsOf(slice)).standing.push(slice)
  for (const slice of existing) {
    if (standing.has(slice)) continue
    const group = isOwnedBy(slice, service) ? groups.get(portsOf(slice).key) : undefined
    if (group) group.existing.push(slice)
    else rest.push(slice)
  }
  return rest
}

const portSets = new WeakMap<EndpointSlice, PortSet>()

function portsOf(slice: EndpointSlice): PortSet {
  const ports = portSets.get(slice) ?? portSetOf(slice.ports)
  portSets.set(slice, ports)
  return ports
}

function addTo(packing: Packing, { creates, updates, deletes, unchanged, standing }: Packing): void {
  packing.creates.push(...creates)
  packing.updates.push(...updates)
  packing.deletes.push(...deletes)
  packing.unchanged.push(...unchanged)
  packing.standing.push(...standing)
}

function withPlaceholder(packing: Packing, { service, family, existing }: FamilyInputs): Packing {
  const { creates, deletes } = packing
  if (creates.length || existing.length > deletes.length) return packing
  const [only] = deletes
  if (deletes.length === 1 && isPlaceholder(only, service)) return { ...packing, deletes: [], unchanged: [...packing.unchanged, only] }
  return { ...packing, creates: [newSlice(service, family, { ports: [] })] }
}

/** A slice to be created takes the place of one to be deleted: one write, and a name that stays. */
export function recycleSlices(packing: Packing, service: Service): Packing {
  const [creates, updates] = [[...packing.creates], [...packing.updates]]
  const deletes: EndpointSlice[] = []
  for (const slice of packing.deletes) {
    const { name, resourceVersion } = slice.metadata
    const draft = isOwnedBy(slice, service) ? creates.pop() : undefined
    if (draft) updates.push({ ...draft, metadata: { ...draft.metadata, name, resourceVersion } })
    else deletes.push(slice)
  }
  return { ...packing, creates, updates, deletes }
}
