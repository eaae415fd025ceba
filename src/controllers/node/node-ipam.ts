// Each simulated node without a part of the pod network gets the first free one.
// Upstream: pkg/controller/nodeipam/ipam/range_allocator.go
// Differs: nodes that are not simulated are left alone, as by a controller manager without --allocate-node-cidrs.
import { type Controller, defineController, defineIndex, on, type Plan } from '../../machinery/index.js'
import { type Node, node } from '../../resources/index.js'
import { isSimulated, nodeCIDRs } from './simulated-node.js'

const nodesByCIDR = defineIndex<Node>({ definition: node, values: ({ spec }) => spec.podCIDRs ?? [] })

interface Observed {
  node: Node
  /** Absent: all parts are taken. */
  podCIDRs: string[] | undefined
}

export function nodeIPAMController(clusterCIDRs: readonly string[]): Controller<Observed> {
  return defineController<Observed>({
    name: 'node-ipam-controller',
    fieldManager: 'kube-controller-manager',
    username: 'system:serviceaccount:kube-system:node-controller',
    watches: [
      on(node, ({ object, deleted }, snapshot) => {
        // A node that goes leaves room for one that waits.
        const waiting = deleted ? snapshot.list(node).filter(isWaiting) : isWaiting(object) ? [object] : []
        return waiting.map(({ metadata }) => ({ namespace: '', name: metadata.name as string }))
      }),
    ],
    observe({ name }, snapshot) {
      const object = snapshot.get(node, { name })
      if (!object || !isWaiting(object)) return undefined
      const isFree = (cidr: string) => snapshot.find(nodesByCIDR, cidr).length === 0
      return { node: object, podCIDRs: firstFree(clusterCIDRs, isFree) }
    },
    reconcile({ node: object, podCIDRs }): Plan {
      if (!podCIDRs) return { writes: [{ verb: 'event', event: exhausted(object) }] }
      const patch = { metadata: { resourceVersion: object.metadata.resourceVersion }, spec: { podCIDR: podCIDRs[0], podCIDRs } }
      return { writes: [{ verb: 'patch', definition: node, key: { namespace: '', name: object.metadata.name as string }, patch, type: 'strategic' }] }
    },
  })
}

const isWaiting = (object: Node) => isSimulated(object) && !object.spec.podCIDRs?.length && !object.metadata.deletionTimestamp

function firstFree(clusterCIDRs: readonly string[], isFree: (cidr: string) => boolean): string[] | undefined {
  for (let index = 0; ; index++) {
    const cidrs = nodeCIDRs(clusterCIDRs, index)
    if (!cidrs || cidrs.every(isFree)) return cidrs
  }
}

function exhausted({ metadata: { name = '', uid } }: Node) {
  const regarding = { kind: 'Node', apiVersion: 'v1', name, uid }
  return { regarding, type: 'Normal' as const, reason: 'CIDRNotAvailable', message: `Node ${name} status is now: CIDRNotAvailable`, component: 'cidrAllocator' }
}
