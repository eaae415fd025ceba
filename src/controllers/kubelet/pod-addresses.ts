// Pods get their addresses from the part of the pod network that belongs to their node.
import { type CIDR, ipAt, parseCIDR } from '../../machinery/index.js'
import type { Node, Pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'

export interface PodAddresses {
  hostIPs: readonly string[]
  /** None: the node has no network, or it is full. */
  podIPs: readonly string[]
}

/** @param neighbours all pods of the node */
export function podAddresses(pod: Pod, node: Node, neighbours: readonly Pod[]): PodAddresses {
  const hostIPs = oneOfEachFamily((node.status.addresses ?? []).filter(({ type }) => type === 'InternalIP').map(({ address }) => address))
  const present = pod.status?.podIPs?.map(({ ip }) => ip) ?? []
  if (present.length || pod.spec.hostNetwork) return { hostIPs, podIPs: present.length ? present : hostIPs }
  // Before it is taken on, a pod has no use for an address.
  return { hostIPs, podIPs: pod.status?.startTime ? freeAddresses(node, neighbours) : [] }
}

function oneOfEachFamily(addresses: readonly string[]): string[] {
  const first = addresses.find((address) => !address.includes(':'))
  const second = addresses.find((address) => address.includes(':'))
  const both = [first, second].filter((address) => address !== undefined)
  return addresses[0] === second ? both.reverse() : both
}

function freeAddresses(node: Node, neighbours: readonly Pod[]): string[] {
  const addresses = networksOf(node).map((network) => network && firstFree(network, neighbours))
  return addresses.every((address) => address !== undefined) ? addresses : []
}

/** A network of a node, with its first addresses as far as they were needed. */
interface Network {
  cidr: CIDR
  texts: string[]
  /** Where an address stands among them. */
  places: Map<string, number>
}

const networks = new WeakMap<Node, readonly (Network | undefined)[]>()

function networksOf(node: Node): readonly (Network | undefined)[] {
  const known = networks.get(node)
  if (known) return known
  const read = (node.spec.podCIDRs ?? []).map((text) => {
    const cidr = parseCIDR(text)
    return cidr && { cidr, texts: [], places: new Map() }
  })
  networks.set(node, read)
  return read
}

function firstFree(network: Network, neighbours: readonly Pod[]): string | undefined {
  // So many pods cannot have more than all of these but one.
  const isTaken = new Uint8Array(neighbours.length + 1)
  const { texts, places } = writtenDown(network, isTaken.length)
  for (const pod of neighbours) {
    if (isTerminal(pod)) continue
    for (const { ip } of pod.status?.podIPs ?? []) {
      const place = places.get(ip)
      if (place !== undefined && place < isTaken.length) isTaken[place] = 1
    }
  }
  return texts[isTaken.indexOf(0)]
}

// The network's own address and its gateway come first, and an IPv4 network ends with its broadcast address.
const reservedFirst = 2n

/** The network with at least so many of its addresses written down, or all. */
function writtenDown(network: Network, count: number): Network {
  const { cidr, texts, places } = network
  const end = cidr.family === 'IPv4' ? cidr.last : cidr.last + 1n
  for (let value = cidr.first + reservedFirst + BigInt(texts.length); texts.length < count && value < end; value++) {
    const { text } = ipAt(cidr.family, value)
    places.set(text, texts.length)
    texts.push(text)
  }
  return network
}
