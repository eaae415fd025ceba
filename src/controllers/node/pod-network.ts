// PodNetwork: the network of all pods, and the parts it is cut into, one of each family for a node.
// Upstream: pkg/controller/nodeipam/ipam/cidrset/cidr_set.go
import { type CIDR, cidrsOverlap, type IPFamily, ipAt, parseCIDR } from '../../machinery/index.js'
import type { Span } from './numbering.js'

/** One range of it, of one family. */
export interface PodRange {
  readonly cidr: CIDR
  /** Of the part that belongs to a node. */
  readonly maskSize: number
  /** How many parts there are. */
  readonly count: number
  /** Parts that no node is given, since they lie in the range of Services. */
  readonly reserved: readonly Span[]
}

export type PodNetwork = readonly PodRange[]

/** Upstream: the defaults of --node-cidr-mask-size-ipv4 and -ipv6 */
export const defaultMaskSizes: Readonly<Record<IPFamily, number>> = { IPv4: 24, IPv6: 64 }

export interface PodNetworkOptions {
  /** One range, or one of each family; absent: kubeadm's usual one. */
  clusterCIDRs?: readonly string[]
  /** How much of a range a node gets. */
  nodeMaskSizes?: Partial<Record<IPFamily, number>>
  /** A range of Services may lie inside the network of pods: nodes get none of it. */
  serviceCIDRs?: readonly string[]
}

/** Texts that are no networks are left out. */
export function podNetworkOf({ clusterCIDRs = ['10.244.0.0/16'], nodeMaskSizes, serviceCIDRs = [] }: PodNetworkOptions): PodNetwork {
  const services = networksIn(serviceCIDRs)
  return networksIn(clusterCIDRs).map((cidr) => {
    const maskSize = Math.max(nodeMaskSizes?.[cidr.family] ?? defaultMaskSizes[cidr.family], cidr.prefixLength)
    const range = { cidr, maskSize, count: 2 ** (maskSize - cidr.prefixLength), reserved: [] }
    return { ...range, reserved: services.flatMap((service) => partsIn(range, service)) }
  })
}

const networksIn = (texts: readonly string[]) => texts.flatMap((text) => parseCIDR(text) ?? [])

/** How many nodes have a part of their own. */
export function roomIn(network: PodNetwork): number {
  return Math.min(...network.map(({ count, reserved }) => count - reserved.reduce((sum, { first, last }) => sum + last - first + 1, 0)))
}

const hostBits = ({ cidr, maskSize }: PodRange) => BigInt((cidr.family === 'IPv4' ? 32 : 128) - maskSize)

export function partAt(range: PodRange, number: number): string {
  const { family, first } = range.cidr
  return `${ipAt(family, first + (BigInt(number) << hostBits(range))).text}/${range.maskSize}`
}

/** The parts of a range that a network lies in, if any. */
export function partsIn(range: PodRange, network: CIDR): Span[] {
  const { cidr } = range
  if (!cidrsOverlap(cidr, network)) return []
  const numberOf = (value: bigint) => Number((value - cidr.first) >> hostBits(range))
  const first = network.first > cidr.first ? numberOf(network.first) : 0
  const last = network.last < cidr.last ? numberOf(network.last) : range.count - 1
  return [{ first, last }]
}

/** The numbers of the first parts that may be given away. */
export function* openParts({ count, reserved }: PodRange): Generator<number> {
  for (let number = 0; number < count; number++) if (!reserved.some(({ first, last }) => number >= first && number <= last)) yield number
}
