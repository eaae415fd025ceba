// How evenly the pods a constraint selects have to lie over the domains of a topology.
// Upstream: pkg/scheduler/framework/plugins/podtopologyspread
import { matchesLabels } from '../../machinery/index.js'
import type { Node, Pod, TopologySpreadConstraint } from '../../resources/index.js'
import { untolerated } from '../tolerations.js'
import { matchesNodeAffinity } from './node-affinity.js'
import type { Neighbourhood } from './pod-affinity.js'

export const spreadReason = "node(s) didn't match pod topology spread constraints"
export const missingLabelReason = `${spreadReason} (missing required label)`

/** Looks at the cluster once for a pod; the answer says why a node is refused. Nothing when the pod has no hard constraint. */
export function topologySpreadFilter(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => string | undefined) | undefined {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
  if (!constraints.length) return undefined
  const counted = constraints.map((constraint) => ({ constraint, ...countDomains(constraint, pod, neighbourhood) }))
  return ({ metadata: { labels = {} } }) => {
    for (const { constraint, counts, least, isOwn } of counted) {
      if (!Object.hasOwn(labels, constraint.topologyKey)) return missingLabelReason
      const skew = (counts.get(labels[constraint.topologyKey]) ?? 0) + (isOwn ? 1 : 0) - least
      if (skew > constraint.maxSkew) return spreadReason
    }
    return undefined
  }
}

/** A sum that is larger the more crowded a node's domains are, for soft constraints. */
export function crowdingOf(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => number) | undefined {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
  if (!constraints.length) return undefined
  const counted = constraints.map((constraint) => ({ constraint, ...countDomains(constraint, pod, neighbourhood) }))
  return ({ metadata: { labels = {} } }) =>
    counted.reduce((sum, { constraint: { topologyKey, maxSkew }, counts }) => sum + crowding(counts.get(labels[topologyKey]) ?? 0, counts.size, maxSkew), 0)
}

export function crowding(count: number, domains: number, maxSkew: number): number {
  return count * Math.log(domains + 2) + (maxSkew - 1)
}

function countDomains(constraint: TopologySpreadConstraint, pod: Pod, { nodes, nodeOf, podsIn }: Neighbourhood) {
  const { topologyKey, minDomains = 1 } = constraint
  const counts = new Map<string, number>()
  const counting = new Set<Node>()
  for (const node of nodes) {
    const domain = node.metadata.labels?.[topologyKey]
    if (domain === undefined || !takesPart(constraint, pod, node)) continue
    counting.add(node)
    counts.set(domain, counts.get(domain) ?? 0)
  }
  for (const other of podsIn(pod.metadata.namespace as string)) {
    const node = nodeOf(other)
    if (!node || !counting.has(node) || other.metadata.deletionTimestamp || !isCounted(constraint, pod, other)) continue
    const domain = node.metadata.labels?.[topologyKey] as string
    counts.set(domain, (counts.get(domain) ?? 0) + 1)
  }
  const least = counts.size < minDomains ? 0 : Math.min(...counts.values())
  return { counts, least: Number.isFinite(least) ? least : 0, isOwn: isCounted(constraint, pod, pod) }
}

/** Whether a node takes part: by default where the pod may go by affinity, whatever the taints. */
function takesPart({ nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint, pod: Pod, node: Node): boolean {
  if (nodeAffinityPolicy === 'Honor' && !matchesNodeAffinity(pod, node)) return false
  return nodeTaintsPolicy !== 'Honor' || !untolerated(pod, node, ['NoSchedule', 'NoExecute']).length
}

function isCounted({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, pod: Pod, { metadata: { labels = {} } }: Pod): boolean {
  const own = pod.metadata.labels ?? {}
  return (
    labelSelector !== undefined && matchesLabels(labelSelector, labels) && matchLabelKeys.every((key) => !Object.hasOwn(own, key) || labels[key] === own[key])
  )
}
