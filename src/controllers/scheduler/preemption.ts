// Which less important pods have to leave a node, so that a more important one fits.
// Upstream: pkg/scheduler/framework/plugins/defaultpreemption, pkg/scheduler/framework/preemption/preemption.go
import { matchesLabels } from '../../machinery/index.js'
import type { Node, Pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import type { Situation } from './choice.js'
import { type Filters, objectionTo, type Refused } from './filters.js'
import { NodeInfo, usageOf } from './node-usage.js'

export interface Preemption {
  node: Node
  victims: readonly Pod[]
}

interface Plan extends Preemption {
  /** How many victims their disruption budgets would rather keep. */
  violations: number
}

const priorityOf = ({ spec }: Pod) => spec.priority ?? 0

/** The pod has been promised a node, and pods are leaving it. */
export function isWaitingForVictims({ pod, podsOn }: Situation): boolean {
  const promised = pod.status?.nominatedNodeName
  if (!promised) return false
  return podsOn(promised).some((other) => other.metadata.deletionTimestamp !== undefined && !isTerminal(other) && priorityOf(other) < priorityOf(pod))
}

interface Search {
  /** Nodes and why they were refused. */
  refused: readonly Refused[]
  filters: Filters
}

// Upstream: minCandidateNodesPercentage, minCandidateNodesAbsolute
const enoughPlans = { percentage: 10, least: 100 }

export function findVictims(situation: Situation, { refused, filters }: Search): Preemption | undefined {
  const { pod, podsOn, neighbourhood } = situation
  if (pod.spec.preemptionPolicy === 'Never') return undefined
  const enough = Math.max(Math.trunc((neighbourhood.nodes.length * enoughPlans.percentage) / 100), enoughPlans.least)
  let [best, found]: [Plan | undefined, number] = [undefined, 0]
  for (const { node, isUnresolvable } of refused) {
    if (found >= enough) break
    const present = podsOn(node.metadata.name as string)
    // Most nodes have nobody less important.
    if (isUnresolvable || usageOf(present).leastPriority >= priorityOf(pod)) continue
    const plan = planFor(situation, { node, present, filters })
    if (!plan) continue
    found++
    if (!best || isBetter(plan, best)) best = plan
  }
  return best
}

/** Takes all away that are less important, then gives back who still fits: the protected first, then the important. */
function planFor(situation: Situation, { node, present, filters }: { node: Node; present: readonly Pod[]; filters: Filters }): Plan | undefined {
  const { pod } = situation
  const info = new NodeInfo(node)
  const less = present.filter((other) => !isTerminal(other) && priorityOf(other) < priorityOf(pod))
  const gone = new Set(less)
  const fits = () => {
    const remaining = present.filter((other) => !gone.has(other))
    return !objectionTo(filters([...gone]), info, usageOf(remaining))
  }
  if (!less.length || !fits()) return undefined
  const isProtected = protectionIn(situation)
  const guarded = less.filter(isProtected)
  const order = [...byImportance(guarded), ...byImportance(less.filter((other) => !guarded.includes(other)))]
  for (const other of order) {
    gone.delete(other)
    if (!fits()) gone.add(other)
  }
  const victims = byImportance([...gone])
  return { node, victims, violations: victims.filter((victim) => guarded.includes(victim)).length }
}

/** Whether a budget allows no more disruptions of a pod. */
function protectionIn({ budgetsIn }: Situation): (pod: Pod) => boolean {
  return ({ metadata: { namespace = '', labels } }) =>
    labels !== undefined && budgetsIn(namespace).some(({ spec, status }) => (status.disruptionsAllowed ?? 0) <= 0 && matchesLabels(spec.selector, labels))
}

function byImportance(pods: readonly Pod[]): Pod[] {
  return [...pods].sort((one, other) => priorityOf(other) - priorityOf(one) || startOf(one) - startOf(other))
}

const startOf = ({ status, metadata }: Pod) => Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '')

/** Fewest violations; the least important victims; the fewest; those that began last. */
function isBetter(one: Plan, other: Plan): boolean {
  const measures = ({ violations, victims }: Plan) => [
    violations,
    priorityOf(victims[0]),
    victims.reduce((sum, victim) => sum + priorityOf(victim) + offset, 0),
    victims.length,
    -startOf(victims[0]),
  ]
  const [mine, theirs] = [measures(one), measures(other)]
  const index = mine.findIndex((measure, at) => measure !== theirs[at])
  return index >= 0 && mine[index] < theirs[index]
}

// Priorities may be negative: each victim has to count.
const offset = 2 ** 31
