// Why a pod cannot go to a node: the filters in the order in which they are asked. The first that objects is heard.
// Upstream: pkg/scheduler/framework/plugins
import type { Node, Pod } from '../../resources/index.js'
import { tolerates, untolerated } from '../tolerations.js'
import type { Neighbourhood } from './neighbourhood.js'
import { matchesNodeAffinity } from './node-affinity.js'
import { type Allocatable, demandOf, type NodeInfo, type NodeUsage, nanosOf, portsConflict } from './node-usage.js'
import { type AffinityRule, podAffinityRule } from './pod-affinity.js'
import { missingLabelReason, type SpreadRule, topologySpreadRule } from './topology-spread.js'

export interface Objection {
  reasons: string[]
  /** Whether it would not help if pods went from the node. */
  isUnresolvable: boolean
}

export interface Refused extends Objection {
  node: Node
}

/** Why no node can take a pod. */
export interface Refusals {
  refused: readonly Refused[]
  /** How many nodes were not asked, because the pod names others. */
  passedOver: number
}

export type Filter = (info: NodeInfo, usage: NodeUsage) => Objection | undefined

const object = (reason: string, isUnresolvable: boolean): Objection => ({ reasons: [reason], isUnresolvable })

/** The first objection, if there is one. */
export function objectionTo(filters: readonly Filter[], info: NodeInfo, usage: NodeUsage): Objection | undefined {
  for (const filter of filters) {
    const objection = filter(info, usage)
    if (objection) return objection
  }
  return undefined
}

/** All that has to be asked about a pod, as if certain others were gone. */
export type Filters = (gone: readonly Pod[]) => Filter[]

/** Looks at the cluster once. */
export function filtersFor(pod: Pod, neighbourhood: Neighbourhood): Filters {
  const spreadRule = topologySpreadRule(pod, neighbourhood)
  const affinityRule = podAffinityRule(pod, neighbourhood)
  const own = ownFilters(pod)
  return (gone) => [...own, ...neighbourFilters(spreadRule?.(gone), affinityRule?.(gone))]
}

/** What a node alone decides, with what is taken of it. */
function ownFilters(pod: Pod): Filter[] {
  return [
    ({ node }) => (isCordoned(pod, node) ? object('node(s) were unschedulable', true) : undefined),
    ({ node }) => (untolerated(pod, node, keepingOut).length ? object('node(s) had untolerated taint(s)', true) : undefined),
    ({ node }) => (matchesNodeAffinity(pod, node) ? undefined : object("node(s) didn't match Pod's node affinity/selector", true)),
    (_info, usage) => (hasPortConflict(pod, usage) ? object("node(s) didn't have free ports for the requested pod ports", false) : undefined),
    ({ allocatable }, usage) => shortage(pod, allocatable, usage),
  ]
}

function neighbourFilters(spread?: ReturnType<SpreadRule>, affinity?: ReturnType<AffinityRule>): Filter[] {
  const filters: Filter[] = []
  if (spread) {
    filters.push(({ node }) => {
      const reason = spread(node)
      return reason === undefined ? undefined : object(reason, reason === missingLabelReason)
    })
  }
  if (affinity) {
    filters.push(({ node }) => {
      const verdict = affinity(node)
      return verdict && object(verdict.reason, verdict.isUnresolvable)
    })
  }
  return filters
}

/** Effects of taints that keep pods out. */
const keepingOut = ['NoSchedule', 'NoExecute']

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function isCordoned({ spec }: Pod, node: Node): boolean {
  return node.spec.unschedulable === true && !(spec.tolerations ?? []).some((toleration) => tolerates(toleration, cordon))
}

function hasPortConflict(pod: Pod, { hostPorts }: NodeUsage): boolean {
  const wanted = demandOf(pod).hostPorts
  return wanted.length > 0 && hostPorts.some((taken) => wanted.some((port) => portsConflict(port, taken)))
}

function shortage(pod: Pod, { pods, resources }: Allocatable, usage: NodeUsage): Objection | undefined {
  let objection = usage.pods + 1 > pods ? object('Too many pods', false) : undefined
  for (const [name, { nanos }] of demandOf(pod).requests) {
    const available = nanosOf(resources, name)
    if (nanos === 0n || nanos <= available - nanosOf(usage.requested, name)) continue
    objection ??= { reasons: [], isUnresolvable: false }
    objection.reasons.push(`Insufficient ${name}`)
    // More than the whole node has.
    if (nanos > available) objection.isUnresolvable = true
  }
  return objection
}
