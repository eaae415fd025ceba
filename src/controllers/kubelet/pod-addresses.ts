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
  const taken = new Set<string>()
  for (const pod of neighbours) if (!isTerminal(pod)) for (const { ip } of pod.status?.podIPs ?? []) taken.add(ip)
  const addresses = networksOf(node).map((network) => network && firstFree(network, taken))
  return addresses.every((address) => address !== undefined) ? addresses : []
}

/** A network of a node, with the texts of its first addresses as far as they were needed. */
interface Network {
  cidr: CIDR
  texts: string[]
}

const networks = new WeakMap<Node, readonly (Network | undefined)[]>()

function networksOf(node: Node): readonly (Network | undefined)[] {
  const known = networks.get(node)
  if (known) return known
  const read = (node.spec.podCIDRs ?? []).map((text) => {
    const cidr = parseCIDR(text)
    return cidr && { cidr, texts: [] }
  })
  networks.set(node, read)
  return read
}

// The network's own address and its gateway come first, and an IPv4 network ends with its broadcast address.
const reservedFirst = 2n

function firstFree({ cidr: { family, first, last }, texts }: Network, taken: ReadonlySet<string>): string | undefined {
  const end = family === 'IPv4' ? last : last + 1n
  const known = texts.find((text) => !taken.has(text))
  if (known !== undefined) return known
  for (let value = first + reservedFirst + BigInt(texts.length); value < end; value++) {
    const { text } = ipAt(family, value)
    texts.push(text)
    if (!taken.has(text)) return text
  }
  return undefined
}
