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

function freeAddresses({ spec }: Node, neighbours: readonly Pod[]): string[] {
  const taken = new Set(neighbours.flatMap((pod) => (isTerminal(pod) ? [] : (pod.status?.podIPs ?? []).map(({ ip }) => ip))))
  const addresses = (spec.podCIDRs ?? []).map((text) => {
    const cidr = parseCIDR(text)
    return cidr && firstFree(cidr, taken)
  })
  return addresses.every((address) => address !== undefined) ? addresses : []
}

// The network's own address and its gateway come first, and an IPv4 network ends with its broadcast address.
const reservedFirst = 2n

function firstFree({ family, first, last }: CIDR, taken: ReadonlySet<string>): string | undefined {
  const end = family === 'IPv4' ? last : last + 1n
  for (let value = first + reservedFirst; value < end; value++) {
    const { text } = ipAt(family, value)
    if (!taken.has(text)) return text
  }
  return undefined
}
