// Simulated nodes: which nodes are pretended, and those a cluster is born with. Their kubelet says the rest: see kubelet/.
import { type IPFamily, ipAt, type KubeObject, parseCIDR } from '../../machinery/index.js'
import type { Node } from '../../resources/index.js'

/** Makes any Node a simulated one when it says `true`. */
export const simulatedAnnotation = 'kubedouble.dev/simulated'

export function isSimulated(node: Node | undefined): node is Node {
  return node?.metadata.annotations?.[simulatedAnnotation] === 'true'
}

/** The network of all pods, by family; each node gets a part of it. Upstream: the flag --cluster-cidr, and kubeadm's usual value */
export const podNetworks: Readonly<Record<IPFamily, string>> = { IPv4: '10.244.0.0/16', IPv6: 'fd00:10:244::/56' }

export const defaultClusterCIDRs: readonly string[] = [podNetworks.IPv4]

// Upstream: kube-controller-manager --node-cidr-mask-size-ipv4 and -ipv6
const nodePrefixLength = { IPv4: 24, IPv6: 64 } as const

/** The part of each network that belongs to one node, in the order of the networks; nothing when they have no such part. */
export function nodeCIDRs(clusterCIDRs: readonly string[], index: number): string[] | undefined {
  const parts: string[] = []
  for (const text of clusterCIDRs) {
    const cluster = parseCIDR(text)
    if (!cluster) return undefined
    const bits = cluster.family === 'IPv4' ? 32 : 128
    const prefixLength = Math.max(nodePrefixLength[cluster.family], cluster.prefixLength)
    const first = cluster.first + (BigInt(index) << BigInt(bits - prefixLength))
    if (first > cluster.last) return undefined
    parts.push(`${ipAt(cluster.family, first).text}/${prefixLength}`)
  }
  return parts
}

const zones = ['zone-a', 'zone-b', 'zone-c']

/** Nodes `node-0`, `node-1` … as they register, spread over three zones. Their kubelets report a status at once. */
export function simulatedNodes(count: number, clusterCIDRs: readonly string[] = defaultClusterCIDRs): KubeObject[] {
  return Array.from({ length: count }, (_, index) => simulatedNode(index, clusterCIDRs))
}

function simulatedNode(index: number, clusterCIDRs: readonly string[]): KubeObject {
  const name = `node-${index}`
  const podCIDRs = nodeCIDRs(clusterCIDRs, index)
  const node = {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name,
      labels: { ...defaultLabels(name), 'topology.kubernetes.io/region': 'region-1', 'topology.kubernetes.io/zone': zones[index % zones.length] },
      annotations: { [simulatedAnnotation]: 'true', ...defaultAnnotations },
    },
    spec: podCIDRs ? { podCIDR: podCIDRs[0], podCIDRs } : {},
    status: {},
  }
  return node
}

/** How long pods may rely on what they know of their ConfigMaps and Secrets. Upstream: pkg/controller/ttl/ttl_controller.go */
export const defaultAnnotations: Readonly<Record<string, string>> = { 'node.alpha.kubernetes.io/ttl': '0' }

/** Labels every kubelet puts on its node. Upstream: pkg/kubelet/kubelet_node_status.go initialNode */
export function defaultLabels(name: string): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
  }
}
