// Each simulated node without a part of the pod network gets the first free one.
// Upstream: pkg/controller/nodeipam/ipam/range_allocator.go
// Differs: nodes that are not simulated are left alone, as by a controller manager without --allocate-node-cidrs. The lowest part that
// is free is given, where upstream goes on from the last one it gave.
import { type Controller, defineController, defineIndex, keyOf, on, type Plan, parseCIDR } from '../../machinery/index.js'
import { type Node, node } from '../../resources/index.js'
import { defineNumbering } from './numbering.js'
import { type PodNetwork, partAt, partsIn } from './pod-network.js'
import { isSimulated } from './simulated-node.js'

const isWaiting = (object: Node) => isSimulated(object) && !object.spec.podCIDRs?.length && !object.metadata.deletionTimestamp

const waitingNodes = defineIndex<Node>({ definition: node, values: (object) => (isWaiting(object) ? [''] : []) })

interface Observed {
  node: Node
  /** Absent: all parts are taken. */
  podCIDRs: string[] | undefined
}

export function nodeIPAMController(network: PodNetwork): Controller<Observed> {
  const parts = network.map((range) => {
    const { count, reserved } = range
    const spansOf = ({ spec }: Node) => (spec.podCIDRs ?? []).flatMap((text) => partsIn(range, parseCIDR(text) ?? nowhere))
    return { range, taken: defineNumbering({ definition: node, count, spansOf, reserved }) }
  })
  return defineController<Observed>({
    name: 'node-ipam-controller',
    fieldManager: 'kube-controller-manager',
    username: 'system:serviceaccount:kube-system:node-controller',
    watches: [
      on(node, ({ object, old, deleted }, snapshot) => {
        if (!deleted && isWaiting(object)) return [keyOf(object)]
        // A node that goes leaves room for one that waits, and one that was served lets the next one ask.
        return deleted || (old && isWaiting(old)) ? snapshot.find(waitingNodes, '').slice(0, 1).map(keyOf) : []
      }),
    ],
    observe({ name }, snapshot) {
      const object = snapshot.get(node, { name })
      if (!object || !isWaiting(object)) return undefined
      const podCIDRs = parts.map(({ range, taken }) => {
        const number = taken.lowestFree(snapshot)
        return number === undefined ? undefined : partAt(range, number)
      })
      return { node: object, podCIDRs: podCIDRs.every((each) => each !== undefined) ? podCIDRs : undefined }
    },
    reconcile({ node: object, podCIDRs }): Plan {
      if (!podCIDRs) return { writes: [{ verb: 'event', event: exhausted(object) }] }
      const patch = { metadata: { resourceVersion: object.metadata.resourceVersion }, spec: { podCIDR: podCIDRs[0], podCIDRs } }
      return { writes: [{ verb: 'patch', definition: node, key: keyOf(object), patch, type: 'strategic' }] }
    },
  })
}

/** What cannot be read lies in no range. */
const nowhere = { family: 'IPv4', first: -1n, last: -1n, prefixLength: 32, text: '' } as const

function exhausted({ metadata: { name = '', uid } }: Node) {
  const regarding = { kind: 'Node', apiVersion: 'v1', name, uid }
  return { regarding, type: 'Normal' as const, reason: 'CIDRNotAvailable', message: `Node ${name} status is now: CIDRNotAvailable`, component: 'cidrAllocator' }
}
