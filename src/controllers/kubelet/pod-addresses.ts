// Pods get their addresses from the part of the pod network that belongs to their node.
import { type CIDR, ipAt, parseCIDR } from '../../machinery/index.js'
import type { Node, Pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { podChanges } from '../service-backends/pod-changes.js'

export interface PodAddresses {
  hostIPs: readonly string[]
  /** None: the node has no network, or it is full. */
  podIPs: readonly string[]
}

/** @param neighbours all pods of the node: asked for when there is an address to give */
export function podAddresses(pod: Pod, node: Node, neighbours: () => readonly Pod[]): PodAddresses {
  const hostIPs = oneOfEachFamily((node.status.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address))
  const present = pod.status?.podIPs?.map(({ ip }) => ip) ?? []
  if (present.length || pod.spec.hostNetwork) return { hostIPs, podIPs: present.length ? present : hostIPs }
  // Before it is taken on, a pod has no use for an address.
  return { hostIPs, podIPs: pod.status?.startTime ? freeAddresses(node, neighbours()) : [] }
}

function oneOfEachFamily(addresses: readonly string[]): string[] {
  const first = addresses.find((address) => !address.includes(':'))
  const second = addresses.find((address) => address.includes(':'))
  const both = [first, second].filter((address) => address !== undefined)
  return addresses[0] === second ? both.reverse() : both
}

function freeAddresses(node: Node, neighbours: readonly Pod[]): string[] {
  const addresses = networksOf(node).map((network) => network?.firstFree(neighbours))
  return addresses.every((address) => address !== undefined) ? addresses : []
}

// The network's own address and its gateway come first, and an IPv4 network ends with its broadcast address.
const reservedFirst = 2n

const networks = new WeakMap<Node, readonly (Network | undefined)[]>()

function networksOf(node: Node): readonly (Network | undefined)[] {
  const known = networks.get(node)
  if (known) return known
  const read = (node.spec.podCIDRs ?? []).map((text) => {
    const cidr = parseCIDR(text)
    return cidr && new Network(cidr)
  })
  networks.set(node, read)
  return read
}

/** A network of a node: its first addresses as far as they were needed, and how many pods have each. Kept from one look to the next. */
class Network {
  readonly #cidr: CIDR
  readonly #texts: string[] = []
  /** Where an address stands among them. */
  readonly #places = new Map<string, number>()
  #holders = new Uint32Array(0)
  #isWhole = false
  #pods: readonly Pod[] = []

  constructor(cidr: CIDR) {
    this.#cidr = cidr
  }

  /** The lowest address that none of the pods has. Only pods that differ from those of the last look are looked at. */
  firstFree(pods: readonly Pod[]): string | undefined {
    // So many pods cannot have more than all of these but one.
    if (pods.length >= this.#texts.length && !this.#isWhole) this.#extend(pods.length + 1)
    for (const { old, pod } of podChanges(this.#pods, pods)) {
      if (old) this.#count(old, -1)
      if (pod) this.#count(pod, 1)
    }
    this.#pods = pods
    return this.#texts[this.#holders.indexOf(0)]
  }

  #count(pod: Pod, by: 1 | -1): void {
    if (isTerminal(pod)) return
    for (const { ip } of pod.status?.podIPs ?? []) {
      const place = this.#places.get(ip)
      if (place !== undefined) this.#holders[place] += by
    }
  }

  /** Writes more addresses down, twice as many as are needed, and counts anew. */
  #extend(count: number): void {
    const { family, first, last } = this.#cidr
    const end = family === 'IPv4' ? last : last + 1n
    const texts = this.#texts
    for (let value = first + reservedFirst + BigInt(texts.length); texts.length < 2 * count && value < end; value++) {
      const { text } = ipAt(family, value)
      this.#places.set(text, texts.length)
      texts.push(text)
    }
    this.#isWhole = texts.length < 2 * count
    this.#holders = new Uint32Array(texts.length)
    this.#pods = []
  }
}
