// The slices of one family: a packing for each set of ports, and a placeholder where there would be no slice at all.
// Upstream: endpointslice/reconciler.go reconcileByAddressType, finalize
import type { IPFamily } from '../../machinery/index.js'
import type { EndpointSlice, Node, Service } from '../../resources/index.js'
import type { Backend } from '../service-backends/backend.js'
import { type PortSet, portResolver, portSetOf } from '../service-backends/ports.js'
import { DesiredEndpoints, type EndpointContext } from './desired-endpoints.js'
import { type Packing, type PackingOptions, packSlices } from './packing.js'
import { hasStaleLabels, isOwnedBy, isPlaceholder, newSlice, sliceLabels } from './service-slice.js'
import { zoneLabel } from './zone-allocation.js'

export interface FamilyInputs {
  service: Service
  family: IPFamily
  /** In order of their names. */
  backends: readonly Backend[]
  existing: readonly EndpointSlice[]
  nodes: ReadonlyMap<string, Node>
  endpointsPerSliceMax: number
}

interface Group {
  ports: PortSet
  desired: DesiredEndpoints
  existing: EndpointSlice[]
}

export function packFamily(inputs: FamilyInputs): Packing {
  const { service, family, existing } = inputs
  const groups = groupByPorts(inputs)
  const packing: Packing = { creates: [], updates: [], deletes: [], unchanged: [] }
  for (const slice of existing) {
    const group = isOwnedBy(slice, service) ? groups.get(portSetOf(slice.ports).key) : undefined
    if (group) group.existing.push(slice)
    else packing.deletes.push(slice)
  }
  const labels = sliceLabels(service)
  for (const group of groups.values()) {
    const options: PackingOptions = {
      endpointsPerSliceMax: inputs.endpointsPerSliceMax,
      labels,
      hasStaleLabels: (slice) => hasStaleLabels(slice, service),
      newSlice: () => newSlice(service, family, group.ports),
    }
    addTo(packing, packSlices(group.existing, group.desired, options))
  }
  return withPlaceholder(packing, inputs)
}

/** Backends of this family by their ports; the first backend's ports come first. */
function groupByPorts({ service, family, backends, nodes }: FamilyInputs): Map<string, Group> {
  const zoneOf = ({ pod }: Backend) => nodes.get(pod.spec.nodeName ?? '')?.metadata.labels?.[zoneLabel]
  const context: EndpointContext = { service, family, zoneOf }
  const portsOn = portResolver(service)
  const groups = new Map<string, Group>()
  for (const backend of backends) {
    const ports = portsOn(backend.pod)
    const group = groups.get(ports.key) ?? { ports, desired: new DesiredEndpoints(context), existing: [] }
    groups.set(ports.key, group)
    if (backend.addresses[family].length) group.desired.add(backend)
  }
  return groups
}

function addTo(packing: Packing, { creates, updates, deletes, unchanged }: Packing): void {
  packing.creates.push(...creates)
  packing.updates.push(...updates)
  packing.deletes.push(...deletes)
  packing.unchanged.push(...unchanged)
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
  return { creates, updates, deletes, unchanged: packing.unchanged }
}
