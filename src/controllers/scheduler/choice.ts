// The choice of a node for one pod: who can take it, who of them shall, or why none can.
// Upstream: pkg/scheduler/schedule_one.go findNodesThatFitPod
// Differs: where upstream goes on from the last node it asked, each pod begins at a place of its own.
import type { Node, Pod, PodDisruptionBudget } from '../../resources/index.js'
import { type Filters, filtersFor, objectionTo, type Refusals, type Refused } from './filters.js'
import type { Neighbourhood } from './neighbourhood.js'
import { namedNodes } from './node-affinity.js'
import { askedAlwaysMax } from './node-order.js'
import { type NodeInfo, type NodeUsage, usageOf } from './node-usage.js'
import { findVictims, isWaitingForVictims, type Preemption } from './preemption.js'
import { bestOf, type Candidate } from './scores.js'
import { describeRefusal, describeRefusals, describeRoomMade, noNodes } from './unschedulable.js'

export interface Situation {
  pod: Pod
  podsOn(node: string): readonly Pod[]
  /** Pods that wait for others to leave the node to them. */
  nominatedFor(node: string): readonly Pod[]
  neighbourhood: Neighbourhood
  budgetsIn(namespace: string): readonly PodDisruptionBudget[]
  /** A claim the pod needs and nobody has made. */
  missingClaim?: string
}

export type Choice =
  | { node: Node }
  | { message: string; preemption?: Preemption }
  /** Its victims are on their way out: there is nothing to do or to say. */
  | 'waiting'

export function choose(situation: Situation): Choice {
  const { pod, neighbourhood, missingClaim } = situation
  const { nodes } = neighbourhood
  if (!nodes.length) return { message: noNodes }
  if (missingClaim !== undefined) return { message: describeRefusal(pod, `persistentvolumeclaim "${missingClaim}" not found`, nodes.length) }
  const filters = filtersFor(pod, neighbourhood)
  const { candidates, refusals } = sift(situation, filters)
  if (candidates.length) return { node: bestOf(pod, candidates, neighbourhood) }
  if (isWaitingForVictims(situation)) return 'waiting'
  const preemption = findVictims(situation, { refused: refusals.refused, filters })
  return preemption ? { message: describeRoomMade(refusals), preemption } : { message: describeRefusals(pod, refusals) }
}

function sift(situation: Situation, filters: Filters): { candidates: Candidate[]; refusals: Refusals } {
  const { pod, neighbourhood } = situation
  const names = namedNodes(pod)
  const nodes = names ? names.flatMap((name) => neighbourhood.infoOf(name) ?? []) : neighbourhood.infos
  const asked = filters([])
  const candidates: Candidate[] = []
  const refused: Refused[] = []
  const enough = enoughOf(nodes.length)
  const first = firstOf(pod, nodes.length, enough)
  for (let step = 0; step < nodes.length && candidates.length < enough; step++) {
    const info = nodes[(first + step) % nodes.length]
    const usage = usageFor(situation, info)
    const objection = objectionTo(asked, info, usage)
    if (objection) refused.push({ node: info.node, ...objection })
    else candidates.push({ info, usage })
  }
  return { candidates, refusals: { refused, passedOver: neighbourhood.nodes.length - nodes.length } }
}

/** What is taken of a node, or promised to pods that are no less important. */
function usageFor({ pod, podsOn, nominatedFor }: Situation, info: NodeInfo): NodeUsage {
  const present = podsOn(info.name)
  const nominated = nominatedFor(info.name)
  if (!nominated.length) return info.usage(present)
  const promised = nominated.filter(({ metadata, spec }) => metadata.uid !== pod.metadata.uid && (spec.priority ?? 0) >= (pod.spec.priority ?? 0))
  return promised.length ? usageOf([...present, ...promised]) : info.usage(present)
}

// In large clusters a part of the nodes is good enough. Upstream: schedule_one.go numFeasibleNodesToFind
function enoughOf(nodes: number): number {
  if (nodes <= askedAlwaysMax) return nodes
  const percentage = Math.max(50 - Math.trunc(nodes / 125), 5)
  return Math.max(Math.trunc((nodes * percentage) / 100), askedAlwaysMax)
}

/** Where to begin, when not all are asked: each pod elsewhere, so that none are forgotten. */
function firstOf({ metadata }: Pod, nodes: number, enough: number): number {
  return enough < nodes ? Number.parseInt(metadata.uid?.slice(0, 8) ?? '0', 16) % nodes : 0
}
