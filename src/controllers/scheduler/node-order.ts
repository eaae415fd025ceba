// The order in which nodes are asked: one of each zone in turn, so that a part of them is a part of every zone.
// Upstream: pkg/scheduler/backend/cache/node_tree.go
import type { Node } from '../../resources/index.js'

/** Up to so many nodes are always asked all, and then by name. Upstream: schedule_one.go minFeasibleNodesToFind */
export const askedAlwaysMax = 100

const zoneKeys = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone']

const orders = new WeakMap<readonly Node[], readonly Node[]>()

/** @param nodes in order of their names; the list is the same until one of them changes */
export function inZoneOrder(nodes: readonly Node[]): readonly Node[] {
  if (nodes.length <= askedAlwaysMax) return nodes
  const known = orders.get(nodes) ?? interleaved(nodes)
  orders.set(nodes, known)
  return known
}

function interleaved(nodes: readonly Node[]): Node[] {
  const zones = new Map<string, Node[]>()
  for (const node of nodes) {
    const zone = zoneKeys.map((key) => node.metadata.labels?.[key] ?? '').join('\u0000')
    const members = zones.get(zone)
    if (members) members.push(node)
    else zones.set(zone, [node])
  }
  const longest = Math.max(...[...zones.values()].map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) => [...zones.values()].flatMap((members) => members[turn] ?? [])).flat()
}
