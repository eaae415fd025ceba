// How evenly the pods a constraint selects have to lie over the domains of a topology.
// Upstream: pkg/scheduler/framework/plugins/podtopologyspread
import type { Node, Pod, TopologySpreadConstraint } from '../../resources/index.js'
import { untolerated } from '../tolerations.js'
import { DomainCounts } from './domain-counts.js'
import type { Neighbourhood } from './neighbourhood.js'
import { matchesNodeAffinity } from './node-affinity.js'
import type { Homes } from './node-tally.js'
import { compileSelection, selectionOfConstraint } from './selection.js'

export const spreadReason = "node(s) didn't match pod topology spread constraints"
export const missingLabelReason = `${spreadReason} (missing required label)`

/** Judges nodes as if certain pods were gone. */
export type SpreadRule = (gone: readonly Pod[]) => (node: Node) => string | undefined

/** Looks at the cluster once for a pod; the answer says why a node is refused. Nothing when the pod has no hard constraint. */
export function topologySpreadRule(pod: Pod, neighbourhood: Neighbourhood): SpreadRule | undefined {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule')
  if (!constraints.length) return undefined
  const counted = constraints.map((constraint) => countDomains(constraint, pod, neighbourhood))
  return (gone) => {
    const present = counted.map(({ counts, isCounted, ...rest }) => ({ ...rest, counts: counts.without(gone.filter(isCounted)) }))
    const judged = present.map((each) => ({ ...each, least: each.domains < each.minDomains ? 0 : each.counts.least(each.domains) }))
    return ({ metadata: { labels = {} } }) => {
      for (const { topologyKey, maxSkew, counts, least, isOwn } of judged) {
        if (!Object.hasOwn(labels, topologyKey)) return missingLabelReason
        if (counts.of(labels[topologyKey]) + (isOwn ? 1 : 0) - least > maxSkew) return spreadReason
      }
      return undefined
    }
  }
}

/** A sum that is larger the more crowded a node's domains are, for soft constraints. */
export function crowdingOf(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => number) | undefined {
  const constraints = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
  if (!constraints.length) return undefined
  const counted = constraints.map((constraint) => countDomains(constraint, pod, neighbourhood))
  return ({ metadata: { labels = {} } }) =>
    counted.reduce((sum, { topologyKey, maxSkew, counts, domains }) => sum + crowding(counts.of(labels[topologyKey] ?? ''), domains, maxSkew), 0)
}

export function crowding(count: number, domains: number, maxSkew: number): number {
  return count * Math.log(domains + 2) + (maxSkew - 1)
}

function countDomains(constraint: TopologySpreadConstraint, pod: Pod, neighbourhood: Neighbourhood) {
  const { topologyKey, maxSkew, minDomains = 1 } = constraint
  const { homes, domains } = participants(constraint, pod, neighbourhood.nodes)
  const selection = selectionOfConstraint(constraint, pod)
  const isCounted = selection ? compileSelection(selection) : () => false
  const counts = new DomainCounts(homes, selection ? neighbourhood.countsOf(selection, homes) : new Map())
  // A pod that comes is not leaving yet.
  return { topologyKey, maxSkew, minDomains, counts, domains, isCounted, isOwn: isCounted(pod) }
}

interface Participants {
  /** Domains by the names of nodes that take part. */
  homes: Homes
  /** How many domains there are. */
  domains: number
}

const known = new WeakMap<readonly Node[], Map<string, Participants>>()
const kindsMax = 64

/** The nodes that take part in a constraint: worked out once for all pods that wish for the same nodes, until one of the nodes changes. */
function participants(constraint: TopologySpreadConstraint, pod: Pod, nodes: readonly Node[]): Participants {
  const { topologyKey, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint
  const { nodeSelector, affinity, tolerations } = pod.spec
  const heedsAffinity = nodeAffinityPolicy === 'Honor'
  const heedsTaints = nodeTaintsPolicy === 'Honor'
  const key = JSON.stringify([topologyKey, heedsAffinity && [nodeSelector, affinity?.nodeAffinity], heedsTaints && (tolerations ?? [])])
  const kinds = known.get(nodes) ?? new Map<string, Participants>()
  known.set(nodes, kinds)
  const present = kinds.get(key)
  if (present) return present
  if (kinds.size >= kindsMax) kinds.clear()
  const homes = new Map<string, string>()
  for (const node of nodes) {
    const domain = node.metadata.labels?.[topologyKey]
    if (domain === undefined || (heedsAffinity && !matchesNodeAffinity(pod, node))) continue
    if (heedsTaints && untolerated(pod, node, ['NoSchedule', 'NoExecute']).length) continue
    homes.set(node.metadata.name as string, domain)
  }
  const found = { homes, domains: new Set(homes.values()).size }
  kinds.set(key, found)
  return found
}
