// BackendGroups: the backends of one Service by the ports they offer, in order of address. They are kept from look to look,
// so that one changed pod among very many moves one backend; what they say follows from the Service and its pods alone.
import type { IPFamily } from '../../machinery/index.js'
import type { Pod, Service } from '../../resources/index.js'
import { type Backend, backendOf } from '../service-backends/backend.js'
import { type PodChange, podChanges } from '../service-backends/pod-changes.js'
import { type PortSet, portResolver } from '../service-backends/ports.js'
import { compareTexts } from '../service-backends/subsets.js'

export interface BackendGroup {
  readonly ports: PortSet
  /** Each in order of address and pod. */
  ready: Backend[]
  notReady: Backend[]
}

// More changes than these are cheaper to sort in than to insert.
const insertionsMax = 32

const groupsByService = new WeakMap<Service, BackendGroups>()

/** Groups with backends in them. They hold until the next call for the same Service. */
export function backendGroups(service: Service, pods: readonly Pod[]): readonly BackendGroup[] {
  const groups = groupsByService.get(service) ?? new BackendGroups(service)
  groupsByService.set(service, groups)
  return groups.follow(pods)
}

class BackendGroups {
  readonly #service: Service
  readonly #family: IPFamily
  readonly #portsOn: (pod: Pod) => PortSet
  readonly #groups = new Map<string, BackendGroup>()
  #pods: readonly Pod[] = []

  constructor(service: Service) {
    this.#service = service
    this.#family = familyOf(service)
    this.#portsOn = portResolver(service)
  }

  follow(pods: readonly Pod[]): BackendGroup[] {
    const changes = podChanges(this.#pods, pods)
    if (changes.length > insertionsMax) this.#followMany(changes)
    else for (const change of changes) this.#followOne(change)
    this.#pods = pods
    return [...this.#groups.values()].filter(({ ready, notReady }) => ready.length || notReady.length)
  }

  #followOne({ old, pod }: PodChange): void {
    const [from, to] = [old && this.#placeOf(old), pod && this.#placeOf(pod)]
    if (from) from.list.splice(this.#indexIn(from.list, from.backend), 1)
    if (to) to.list.splice(this.#indexIn(to.list, to.backend), 0, to.backend)
  }

  #followMany(changes: readonly PodChange[]): void {
    const gone = new Set<Backend>()
    const changed = new Set<Backend[]>()
    for (const { old } of changes) if (old) gone.add(backendOf(old))
    for (const group of this.#groups.values()) {
      group.ready = group.ready.filter((backend) => !gone.has(backend))
      group.notReady = group.notReady.filter((backend) => !gone.has(backend))
    }
    for (const { pod } of changes) {
      const place = pod && this.#placeOf(pod)
      if (!place) continue
      place.list.push(place.backend)
      changed.add(place.list)
    }
    for (const list of changed) list.sort((one, other) => this.#compare(one, other))
  }

  /** The list a pod belongs in, if any. */
  #placeOf(pod: Pod): { list: Backend[]; backend: Backend } | undefined {
    const { publishNotReadyAddresses: isPublished = false, ports: servicePorts, clusterIP } = this.#service.spec
    const backend = backendOf(pod)
    if (!backend.isEligible || !backend.addresses[this.#family].length || (backend.isTerminating && !isPublished)) return undefined
    const ports = this.#portsOn(pod)
    const mayLackPorts = !servicePorts?.length && clusterIP === 'None'
    if (!ports.ports.length && !mayLackPorts) return undefined
    const group = this.#groups.get(ports.key) ?? { ports, ready: [], notReady: [] }
    this.#groups.set(ports.key, group)
    return { list: isPublished || backend.isReady ? group.ready : group.notReady, backend }
  }

  /** Where a backend stands, or would. */
  #indexIn(list: readonly Backend[], backend: Backend): number {
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compare(list[middle], backend) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  // Pods that share an address and a uid are the same.
  #compare(one: Backend, other: Backend): number {
    return (
      compareTexts(one.addresses[this.#family][0], other.addresses[this.#family][0]) ||
      compareTexts(one.pod.metadata.uid ?? '', other.pod.metadata.uid ?? '') ||
      compareTexts(one.name, other.name)
    )
  }
}

/** Endpoints are of one family. */
export function familyOf({ spec }: Service): IPFamily {
  return (spec.ipFamilies?.[0] ?? 'IPv4') as IPFamily
}
