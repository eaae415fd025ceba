// The subsets of a Service's Endpoints: its pods by the ports they offer, ready and not, and a thousand of them at most.
// Upstream: pkg/controller/endpoint/endpoints_controller.go syncService, podToEndpointAddressForService, truncateEndpoints
import type { EndpointAddress, EndpointSubset, Pod, Service } from '../../resources/index.js'
import { type Backend, hostnameIn } from '../service-backends/backend.js'
import { repackSubsets, subsetOf } from '../service-backends/subsets.js'
import { type BackendGroup, backendGroups, familyOf } from './backend-groups.js'

export const addressesMax = 1000

export interface PodSubsets {
  /** In canonical order. */
  subsets: EndpointSubset[]
  /** Addresses had to be left out. */
  isOverCapacity: boolean
}

export function podSubsets(service: Service, pods: readonly Pod[]): PodSubsets {
  const groups = backendGroups(service, pods)
  const addressOf = addressIn(service)
  // Most Services have one group, which is in order already.
  if (groups.length === 1) return oneSubset(groups[0], addressOf)
  const subsets = groups.map(({ ports, ready, notReady }) => subsetOf(ready.map(addressOf), notReady.map(addressOf), ports.ports))
  return truncate(repackSubsets(subsets))
}

function addressIn(service: Service): (backend: Backend) => EndpointAddress {
  const family = familyOf(service)
  return (backend) => {
    const { metadata, spec } = backend.pod
    const hostname = hostnameIn(service, backend)
    return {
      ip: backend.addresses[family][0],
      ...(hostname ? { hostname } : {}),
      nodeName: spec.nodeName ?? '',
      targetRef: { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
    }
  }
}

function oneSubset({ ports, ready, notReady }: BackendGroup, addressOf: (backend: Backend) => EndpointAddress): PodSubsets {
  const keptReady = ready.slice(0, addressesMax)
  const keptNotReady = notReady.slice(0, addressesMax - keptReady.length)
  const subset = subsetOf(keptReady.map(addressOf), keptNotReady.map(addressOf), ports.ports)
  return { subsets: [subset], isOverCapacity: ready.length + notReady.length > addressesMax }
}

/** Ready addresses go first; each subset keeps its share, rounded up, as long as there is room. */
function truncate(subsets: EndpointSubset[]): PodSubsets {
  const countOf = (list: 'addresses' | 'notReadyAddresses') => subsets.reduce((sum, subset) => sum + (subset[list]?.length ?? 0), 0)
  const [ready, notReady] = [countOf('addresses'), countOf('notReadyAddresses')]
  if (ready + notReady <= addressesMax) return { subsets, isOverCapacity: false }
  const [room, total] = ready > addressesMax ? [addressesMax, ready] : [addressesMax - ready, notReady]
  let left = room
  const share = (addresses: readonly EndpointAddress[]) => {
    const kept = addresses.slice(0, Math.min(Math.ceil((addresses.length / total) * room), left))
    left -= kept.length
    return kept
  }
  const truncated = subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
    ready > addressesMax ? subsetOf(share(addresses), [], ports) : subsetOf(addresses, share(notReadyAddresses), ports),
  )
  return { subsets: truncated, isOverCapacity: true }
}
