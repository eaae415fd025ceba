// The network of pods and how it is cut for nodes, as flags write it.
// Upstream: cmd/kube-controller-manager/app/core.go validateCIDRs, setNodeCIDRMaskSizes
import { defaultMaskSizes, podNetworkOf, roomIn } from './controllers/index.js'
import { type CIDR, type IPFamily, parseCIDR } from './machinery/index.js'
import type { ClusterIPRange } from './service-ranges.js'

export interface ClusterNetworkOptions {
  /** Absent: a default of each family that Services have, wide enough for the nodes. */
  clusterCIDR?: string
  /** Absent or 0: not given. */
  nodeCIDRMaskSize?: number
  nodeCIDRMaskSizeIPv4?: number
  nodeCIDRMaskSizeIPv6?: number
}

export interface ClusterNetwork {
  clusterCIDRs: readonly string[]
  /** How much of a range a node gets. */
  nodeMaskSizes: Readonly<Record<IPFamily, number>>
}

/** kubeadm's usual network, and its neighbour in IPv6. With the usual masks they have parts for 256 nodes. */
const usualNetworks: Readonly<Record<IPFamily, string>> = { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/56' }
/** For more nodes. They hold the usual networks, and no usual range of Services: parts for 32,768 and 65,536 nodes. */
const wideNetworks: Readonly<Record<IPFamily, string>> = { IPv4: '10.128.0.0/9', IPv6: 'fd00:10:244::/48' }

/** As help tells it. */
export const clusterCIDRDefault = `${usualNetworks.IPv4}, or ${wideNetworks.IPv4} for more than 256 nodes`

interface Surroundings {
  nodes: number
  serviceRanges: readonly ClusterIPRange[]
}

/** @returns the network, or `problem`: one line that names the flag, the value and the way out */
export function readClusterNetwork(options: ClusterNetworkOptions, { nodes, serviceRanges }: Surroundings): { network: ClusterNetwork } | { problem: string } {
  const given = options.clusterCIDR === undefined ? undefined : readRanges(options.clusterCIDR)
  if (typeof given === 'string') return { problem: given }
  const families = given ? given.map(({ family }) => family) : serviceRanges.map(({ family }) => family)
  const nodeMaskSizes = maskSizesFor(families, options)
  if (typeof nodeMaskSizes === 'string') return { problem: nodeMaskSizes }
  const serviceCIDRs = serviceRanges.map(({ cidr }) => cidr)
  const candidates = given ? [given] : [usualNetworks, wideNetworks].map((networks) => families.map((family) => parseCIDR(networks[family]) as CIDR))
  let problem = ''
  for (const ranges of candidates) {
    const clusterCIDRs = ranges.map(({ text }) => text)
    problem = maskProblem(ranges, nodeMaskSizes) ?? roomProblem(clusterCIDRs, nodes, roomIn(podNetworkOf({ clusterCIDRs, nodeMaskSizes, serviceCIDRs }))) ?? ''
    if (!problem) return { network: { clusterCIDRs, nodeMaskSizes } }
  }
  return { problem }
}

const flag = '--cluster-cidr'
const example = 'one range such as 10.244.0.0/16, or one of each family such as 10.244.0.0/16,fd00:10:244::/56'

function readRanges(text: string): CIDR[] | string {
  const ranges: CIDR[] = []
  for (const part of text.split(',').map((each) => each.trim())) {
    const range = parseCIDR(part)
    if (!range) return `${flag}: ${JSON.stringify(part)} is no network: give ${example}`
    ranges.push(range)
  }
  if (ranges.length > 2) return `${flag}: len of clusters is:${ranges.length} > more than max allowed of 2: give ${example}`
  if (ranges.length === 2 && ranges[0].family === ranges[1].family) {
    return `${flag}: len of ClusterCIDRs==2 and they are not configured as dual stack (at least one from each IPFamily): give ${example}`
  }
  return ranges
}

function maskSizesFor(families: readonly IPFamily[], options: ClusterNetworkOptions): ClusterNetwork['nodeMaskSizes'] | string {
  const { nodeCIDRMaskSize: both = 0, nodeCIDRMaskSizeIPv4: ipv4 = 0, nodeCIDRMaskSizeIPv6: ipv6 = 0 } = options
  for (const [name, size, most] of [
    ['--node-cidr-mask-size', both, families[0] === 'IPv6' ? 128 : 32],
    ['--node-cidr-mask-size-ipv4', ipv4, 32],
    ['--node-cidr-mask-size-ipv6', ipv6, 128],
  ] as const) {
    if (!Number.isInteger(size) || size < 0 || size > most) return `${name}: ${JSON.stringify(size)} is out of range: give a whole number from 1 to ${most}`
  }
  const sizes = { IPv4: ipv4 || defaultMaskSizes.IPv4, IPv6: ipv6 || defaultMaskSizes.IPv6 }
  if (families.length > 1) {
    const mended = 'give --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6'
    return both ? `usage of --node-cidr-mask-size is not allowed with dual-stack clusters: ${mended}` : sizes
  }
  if (both && (ipv4 || ipv6)) {
    return 'usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if --node-cidr-mask-size is set. For dual-stack clusters please unset it and use IPFamily specific flags'
  }
  if (both) return { IPv4: both, IPv6: both }
  const [own, other] = families[0] === 'IPv6' ? ['IPv6', 'ipv4'] : ['IPv4', 'ipv6']
  if (other === 'ipv4' ? ipv4 : ipv6) return `usage of --node-cidr-mask-size-${other} is not allowed for a single-stack ${own} cluster: leave it out`
  return sizes
}

// Upstream: cidr_set.go clusterSubnetMaxDiff
const maskDifferenceMaxIPv6 = 16

function maskProblem(ranges: readonly CIDR[], sizes: ClusterNetwork['nodeMaskSizes']): string | undefined {
  for (const { family, prefixLength, text } of ranges) {
    const size = sizes[family]
    if (prefixLength > size) {
      return `${flag}: Invalid ${text}, mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size configured for CIDR family: give a network of at most /${size}`
    }
    if (family === 'IPv6' && size - prefixLength > maskDifferenceMaxIPv6) {
      return `${flag}: New CIDR set failed; the node CIDR size is too big: give a network of at least /${size - maskDifferenceMaxIPv6} for nodes of /${size}`
    }
  }
  return undefined
}

function roomProblem(clusterCIDRs: readonly string[], nodes: number, room: number): string | undefined {
  if (nodes <= room) return undefined
  const mended = `give a wider ${flag}, or a larger --node-cidr-mask-size so that each node gets less of it`
  return `--nodes: ${nodes} nodes do not fit into the pod network ${clusterCIDRs.join(',')}, which has parts for ${room}: ${mended}`
}
