// Simulated nodes: which nodes are pretended, and those a cluster is born with. Their kubelet says the rest: see kubelet/.
import type { Node } from '../../resources/index.js'
import { openParts, type PodNetwork, partAt, podNetworkOf } from './pod-network.js'

/** Makes any Node a simulated one when it says `true`. */
export const simulatedAnnotation = 'kubedouble.dev/simulated'

export function isSimulated(node: Node | undefined): node is Node {
  return node?.metadata.annotations?.[simulatedAnnotation] === 'true'
}

const defaultPodNetwork = podNetworkOf({})

const zones = ['zone-a', 'zone-b', 'zone-c']

/** Nodes `node-0`, `node-1` … as they register, spread over three zones. Their kubelets report a status at once. */
export function simulatedNodes(count: number, network: PodNetwork = defaultPodNetwork): Node[] {
  const parts = network.map((range) => ({ range, numbers: openParts(range) }))
  return Array.from({ length: count }, (_, index) => {
    const podCIDRs = parts.flatMap(({ range, numbers }) => {
      const next = numbers.next()
      return next.done ? [] : [partAt(range, next.value)]
    })
    return simulatedNode(index, podCIDRs.length === network.length ? podCIDRs : [])
  })
}

function simulatedNode(index: number, podCIDRs: string[]): Node {
  const name = `node-${index}`
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name,
      labels: { ...defaultLabels(name), 'topology.kubernetes.io/region': 'region-1', 'topology.kubernetes.io/zone': zones[index % zones.length] },
      annotations: { [simulatedAnnotation]: 'true', ...defaultAnnotations },
    },
    spec: podCIDRs.length ? { podCIDR: podCIDRs[0], podCIDRs } : {},
    status: {},
  } as unknown as Node
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
