// Which of the nodes that could take a pod takes it: the emptiest, farthest from pods of its kind.
// Upstream: pkg/scheduler/framework/plugins, weights of pkg/scheduler/apis/config/v1/default_plugins.go
// Differs: equal nodes are not drawn from at random; the one with fewer pods takes it, then the first by name.
import type { Node, Pod } from '../../resources/index.js'
import { untolerated } from '../tolerations.js'
import { preferenceFor } from './node-affinity.js'
import { allocatableOf, demandOf, type NodeUsage } from './node-usage.js'
import { type Neighbourhood, preferredAffinity } from './pod-affinity.js'
import { familyOf } from './pod-family.js'
import { crowding, crowdingOf } from './topology-spread.js'

export interface Candidate {
  node: Node
  usage: NodeUsage
}

const scoreMax = 100

/** @param candidates at least one, in order of their names */
export function bestOf(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): Node {
  const totals = totalScores(pod, candidates, neighbourhood)
  let best = 0
  for (let index = 1; index < candidates.length; index++) {
    const difference = totals[index] - totals[best]
    if (difference > 0 || (difference === 0 && candidates[index].usage.pods < candidates[best].usage.pods)) best = index
  }
  return candidates[best].node
}

function totalScores(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): number[] {
  const totals = candidates.map((candidate) => allocationScore(pod, candidate))
  const add = (weight: number, scores: readonly number[]) =>
    scores.forEach((score, index) => {
      totals[index] += weight * score
    })
  add(3, fewer(candidates.map(({ node }) => untolerated(pod, node, ['PreferNoSchedule']).length)))
  add(2, more(candidates.map(({ node }) => preferenceFor(pod, node))))
  add(2, emptier(crowdingScores(pod, candidates, neighbourhood)))
  const affinity = preferredAffinity(pod, neighbourhood)
  if (affinity) add(2, between(candidates.map(({ node }) => affinity(node))))
  return totals
}

/** What is left of the node, and how evenly. */
function allocationScore(pod: Pod, { node, usage }: Candidate): number {
  const allocatable = allocatableOf(node)
  const demand = demandOf(pod)
  const fractions = [fraction(usage.cpu + demand.cpu, allocatable.cpu), fraction(usage.memory + demand.memory, allocatable.memory)]
  const left = fractions.reduce((sum, taken) => sum + Math.trunc((1 - taken) * scoreMax), 0) / fractions.length
  return Math.trunc(left) + Math.trunc((1 - Math.abs(fractions[0] - fractions[1]) / 2) * scoreMax)
}

const fraction = (taken: number, whole: number) => (whole > 0 ? Math.min(taken / whole, 1) : 1)

const zoneKey = 'topology.kubernetes.io/zone'
// Upstream: the system's own constraints, hostname 3 and zone 5
const defaultMaxSkew = { host: 3, zone: 5 }

function crowdingScores(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): number[] {
  const soft = crowdingOf(pod, neighbourhood)
  if (soft) return candidates.map(({ node }) => soft(node))
  const family = familyOf(pod)
  const zones = new Map<string, number>()
  const zoneOf = ({ metadata }: Node) => metadata.labels?.[zoneKey] ?? ''
  for (const { node, usage } of candidates) zones.set(zoneOf(node), (zones.get(zoneOf(node)) ?? 0) + (usage.families.get(family) ?? 0))
  return candidates.map(({ node, usage }) => {
    const host = crowding(usage.families.get(family) ?? 0, candidates.length, defaultMaxSkew.host)
    return Math.round(host + crowding(zones.get(zoneOf(node)) ?? 0, zones.size, defaultMaxSkew.zone))
  })
}

function more(values: readonly number[]): number[] {
  const most = Math.max(...values)
  return values.map((value) => (most > 0 ? Math.trunc((value * scoreMax) / most) : 0))
}

function fewer(values: readonly number[]): number[] {
  return more(values).map((value) => scoreMax - value)
}

function emptier(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => (most > 0 ? Math.trunc((scoreMax * (most + least - value)) / most) : scoreMax))
}

function between(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => (most > least ? Math.trunc((scoreMax * (value - least)) / (most - least)) : 0))
}
