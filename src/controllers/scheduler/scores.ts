// Which of the nodes that could take a pod takes it: the emptiest, farthest from pods of its kind.
// Upstream: pkg/scheduler/framework/plugins, weights of pkg/scheduler/apis/config/v1/default_plugins.go
// Differs: equal nodes are not drawn from at random; the one with fewer pods takes it, then the first by name.
import type { Node, Pod } from '../../resources/index.js'
import { untolerated } from '../tolerations.js'
import type { Neighbourhood } from './neighbourhood.js'
import { hasPreferences, preferenceFor } from './node-affinity.js'
import { demandOf, type NodeInfo, type NodeUsage } from './node-usage.js'
import { preferredAffinity } from './pod-affinity.js'
import { crowding, crowdingOf } from './topology-spread.js'

export interface Candidate {
  info: NodeInfo
  usage: NodeUsage
}

const scoreMax = 100

/** @param candidates at least one; of equal ones the first */
export function bestOf(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): Node {
  if (candidates.length === 1) return candidates[0].info.node
  const totals = totalScores(pod, candidates, neighbourhood)
  let best = 0
  for (let index = 1; index < candidates.length; index++) {
    const difference = totals[index] - totals[best]
    if (difference > 0 || (difference === 0 && candidates[index].usage.pods < candidates[best].usage.pods)) best = index
  }
  return candidates[best].info.node
}

function totalScores(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): number[] {
  const nodes = candidates.map(({ info }) => info.node)
  const totals = candidates.map(allocationScore(pod))
  const add = (weight: number, scores: readonly number[]) => {
    for (let index = 0; index < totals.length; index++) totals[index] += weight * scores[index]
  }
  // What makes no difference between nodes is not reckoned: with hundreds of them it would take most of the time.
  if (nodes.some(({ spec }) => spec.taints?.length)) add(3, fewer(nodes.map((node) => untolerated(pod, node, avoided).length)))
  if (hasPreferences(pod)) add(2, more(nodes.map((node) => preferenceFor(pod, node))))
  add(2, emptier(crowdingScores(pod, candidates, neighbourhood)))
  const affinity = preferredAffinity(pod, neighbourhood)
  if (affinity) add(2, between(nodes.map((node) => affinity(node))))
  return totals
}

const avoided = ['PreferNoSchedule']

/** What is left of the node, and how evenly. */
function allocationScore(pod: Pod): (candidate: Candidate) => number {
  const demand = demandOf(pod)
  return ({ info: { allocatable }, usage }) => {
    const cpu = fraction(usage.cpu + demand.cpu, allocatable.cpu)
    const memory = fraction(usage.memory + demand.memory, allocatable.memory)
    const left = (Math.trunc((1 - cpu) * scoreMax) + Math.trunc((1 - memory) * scoreMax)) / 2
    return Math.trunc(left) + Math.trunc((1 - Math.abs(cpu - memory) / 2) * scoreMax)
  }
}

const fraction = (taken: number, whole: number) => (whole > 0 ? Math.min(taken / whole, 1) : 1)

const zoneKey = 'topology.kubernetes.io/zone'
// Upstream: the system's own constraints, hostname 3 and zone 5
const defaultMaxSkew = { host: 3, zone: 5 }

function crowdingScores(pod: Pod, candidates: readonly Candidate[], neighbourhood: Neighbourhood): number[] {
  const soft = crowdingOf(pod, neighbourhood)
  if (soft) return candidates.map(({ info }) => soft(info.node))
  const byNode = neighbourhood.relativesOf(pod)
  const relatives = candidates.map(({ info }) => byNode.get(info.name) ?? 0)
  const homes = candidates.map(({ info }) => info.node.metadata.labels?.[zoneKey] ?? '')
  const zones = new Map<string, number>()
  for (let index = 0; index < homes.length; index++) zones.set(homes[index], (zones.get(homes[index]) ?? 0) + relatives[index])
  const ofZone = new Map([...zones].map(([zone, count]) => [zone, crowding(count, zones.size, defaultMaxSkew.zone)]))
  const ofHost = Array.from({ length: Math.max(...relatives) + 1 }, (_, count) => crowding(count, candidates.length, defaultMaxSkew.host))
  return relatives.map((count, index) => Math.round(ofHost[count] + (ofZone.get(homes[index]) ?? 0)))
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
