// The subsets of a Service's Endpoints: its pods by the ports they offer, ready and not, and a thousand of them at most.
// Upstream: pkg/controller/endpoint/endpoints_controller.go syncService, podToEndpointAddressForService, truncateEndpoints
import type { IPFamily } from '../../machinery/index.js'
import type { EndpointAddress, EndpointSubset, Pod, Service } from '../../resources/index.js'
import { type Backend, backendOf, hostnameIn } from '../service-backends/backend.js'
import { type PortSet, portResolver } from '../service-backends/ports.js'
import { compareTexts, orderEntries, repackSubsets, subsetOf } from '../service-backends/subsets.js'

export const addressesMax = 1000

interface Group {
  ports: PortSet
  ready: Backend[]
  notReady: Backend[]
}

/** @returns subsets in canonical order, and whether addresses had to be left out */
export function podSubsets(service: Service, pods: readonly Pod[]): { subsets: EndpointSubset[]; isOverCapacity: boolean } {
  const family = (service.spec.ipFamilies?.[0] ?? 'IPv4') as IPFamily
  const groups = groupByPorts(service, pods, family)
  const addressOf = (backend: Backend) => addressIn(service, backend, family)
  const [only] = groups
  // Most Services have one group, and many pods are not worth sorting when most of them are left out.
  if (groups.length === 1) return oneSubset(only, addressOf, family)
  return truncate(
    repackSubsets(
      groups.map(({ ports, ready, notReady }) => ({ addresses: ready.map(addressOf), notReadyAddresses: notReady.map(addressOf), ports: [...ports.ports] })),
    ),
  )
}

function groupByPorts(service: Service, pods: readonly Pod[], family: IPFamily): Group[] {
  const { publishNotReadyAddresses = false, ports: servicePorts, clusterIP } = service.spec
  const mayLackPorts = !servicePorts?.length && clusterIP === 'None'
  const portsOn = portResolver(service)
  const groups = new Map<string, Group>()
  for (const pod of pods) {
    const backend = backendOf(pod)
    if (!backend.isEligible || !backend.addresses[family].length || (backend.isTerminating && !publishNotReadyAddresses)) continue
    const ports = portsOn(pod)
    if (!ports.ports.length && !mayLackPorts) continue
    const group = groups.get(ports.key) ?? { ports, ready: [], notReady: [] }
    groups.set(ports.key, group)
    const list = publishNotReadyAddresses || backend.isReady ? group.ready : group.notReady
    list.push(backend)
  }
  return [...groups.values()]
}

function addressIn(service: Service, backend: Backend, family: IPFamily): EndpointAddress {
  const { metadata, spec } = backend.pod
  const hostname = hostnameIn(service, backend)
  return {
    ip: backend.addresses[family][0],
    ...(hostname ? { hostname } : {}),
    nodeName: spec.nodeName ?? '',
    targetRef: { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
  }
}

function oneSubset({ ports, ready, notReady }: Group, addressOf: (backend: Backend) => EndpointAddress, family: IPFamily) {
  const keptReady = lowest(ready, addressesMax, family)
  const keptNotReady = lowest(notReady, addressesMax - keptReady.length, family)
  const entries = [
    ...keptReady.map((backend) => ({ address: addressOf(backend), isReady: true })),
    ...keptNotReady.map((backend) => ({ address: addressOf(backend), isReady: false })),
  ]
  return { subsets: [subsetOf(orderEntries(entries), ports.ports)], isOverCapacity: ready.length + notReady.length > addressesMax }
}

/** So many backends with the lowest addresses. */
function lowest(backends: readonly Backend[], count: number, family: IPFamily): readonly Backend[] {
  if (backends.length <= count) return backends
  const kept: Backend[] = []
  for (const backend of backends) {
    if (kept.length === count && (!count || compareBackends(kept[count - 1], backend, family) <= 0)) continue
    kept.splice(placeOf(backend, kept, family), 0, backend)
    if (kept.length > count) kept.pop()
  }
  return kept
}

function placeOf(backend: Backend, sorted: readonly Backend[], family: IPFamily): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBackends(sorted[middle], backend, family) <= 0) low = middle + 1
    else high = middle
  }
  return low
}

function compareBackends(one: Backend, other: Backend, family: IPFamily): number {
  return compareTexts(one.addresses[family][0], other.addresses[family][0]) || compareTexts(one.pod.metadata.uid ?? '', other.pod.metadata.uid ?? '')
}

/** Ready addresses go first; each subset keeps its share, rounded up, as long as there is room. */
function truncate(subsets: EndpointSubset[]): { subsets: EndpointSubset[]; isOverCapacity: boolean } {
  const countOf = (list: 'addresses' | 'notReadyAddresses') => subsets.reduce((sum, subset) => sum + (subset[list]?.length ?? 0), 0)
  const [ready, notReady] = [countOf('addresses'), countOf('notReadyAddresses')]
  if (ready + notReady <= addressesMax) return { subsets, isOverCapacity: false }
  const list = ready > addressesMax ? 'addresses' : 'notReadyAddresses'
  const [room, total] = ready > addressesMax ? [addressesMax, ready] : [addressesMax - ready, notReady]
  let left = room
  const truncated = subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const all = list === 'addresses' ? addresses : notReadyAddresses
    const kept = all.slice(0, Math.min(Math.ceil((all.length / total) * room), left))
    left -= kept.length
    const entries = { addresses: list === 'addresses' ? kept : addresses, notReadyAddresses: list === 'addresses' ? [] : kept }
    return {
      ...(entries.addresses.length ? { addresses: entries.addresses } : {}),
      ...(entries.notReadyAddresses.length ? { notReadyAddresses: entries.notReadyAddresses } : {}),
      ...(ports ? { ports } : {}),
    }
  })
  return { subsets: truncated, isOverCapacity: true }
}
