// The nodes that are simulated from the start, written in few steps however many they are.
import { type PodNetwork, reportedNode, simulatedNodes, startOf } from '../controllers/index.js'
import { type Realm, type Seed, sow } from '../registry/index.js'
import { event, lease, type Node, node } from '../resources/index.js'

export interface FirstNodes {
  count: number
  network: PodNetwork
  /** Whether kubelets are played. */
  areReporting: boolean
}

/** Writes those that are not there yet. */
export function sowNodes(realm: Realm, { count, network, areReporting }: FirstNodes): void {
  // Where nodes stand already, each that comes is given what is free, as any other is.
  const isFirst = realm.store.count(node.key) === 0
  const nodes = simulatedNodes(count, isFirst ? network : [])
  if (isFirst && areReporting) sowStarted(realm, nodes)
  else sow(realm, nodes.map(seedOf))
}

/** The nodes with what their kubelets have reported, their Leases and their events. */
function sowStarted(realm: Realm, nodes: readonly Node[]): void {
  const now = realm.now()
  const reports = nodes.map((each, number): Seed => ({ ...seedOf(reportedNode(each, number, now)), subresource: 'status' }))
  sow(realm, [...nodes.map(seedOf), ...reports])
  for (const { metadata } of nodes) {
    const stored = realm.store.get(node.key, { namespace: '', name: metadata.name as string })
    const start = startOf(stored?.object as Node, now)
    const events = start.events.map((object): Seed => ({ definition: event, object, manager: 'kubelet' }))
    sow(realm, [{ definition: lease, object: start.lease, manager: 'kubelet' }, ...events])
  }
}

const seedOf = (object: Node): Seed => ({ definition: node, object, manager: 'kubelet' })
