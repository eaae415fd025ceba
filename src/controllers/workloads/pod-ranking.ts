// Which pods of a workload go first when it shrinks.
// Upstream: pkg/controller/controller_utils.go ActivePodsWithRanks
import { isReady, type Pod } from '../../resources/index.js'
import { readySince } from './pod-state.js'

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const phases = ['Pending', 'Unknown', 'Running']

export interface Ranking {
  /** All pods of the family, whose crowding on a node counts. */
  relatives: readonly Pod[]
  now: number
}

/** The pods in the order in which they may go. */
export function deletionOrder(pods: readonly Pod[], { relatives, now }: Ranking): Pod[] {
  const perNode = new Map<string, number>()
  for (const { spec } of relatives) if (spec.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1)
  const rankOf = ({ spec }: Pod) => (spec.nodeName ? (perNode.get(spec.nodeName) ?? 0) : 0)
  return [...pods].sort(
    (one, other) =>
      Number(Boolean(one.spec.nodeName)) - Number(Boolean(other.spec.nodeName)) ||
      phases.indexOf(one.status?.phase ?? 'Pending') - phases.indexOf(other.status?.phase ?? 'Pending') ||
      Number(isReady(one)) - Number(isReady(other)) ||
      costOf(one) - costOf(other) ||
      rankOf(other) - rankOf(one) ||
      byAge(readySince(one), readySince(other), one, other, now) ||
      restartsOf(other) - restartsOf(one) ||
      byAge(birthOf(one), birthOf(other), one, other, now),
  )
}

const wholeNumber = /^-?(?:0|[1-9]\d{0,9})$/

function costOf({ metadata }: Pod): number {
  const text = metadata.annotations?.[deletionCost] ?? ''
  return wholeNumber.test(text) ? Number(text) : 0
}

const birthOf = ({ metadata }: Pod) => Date.parse(metadata.creationTimestamp ?? '')

function restartsOf({ status }: Pod): number {
  return Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount))
}

/** The younger first; ages of the same order of magnitude are alike, and then chance decides: the uid. */
function byAge(since: number, sinceOther: number, one: Pod, other: Pod, now: number): number {
  if (since === sinceOther || !Number.isFinite(since) || !Number.isFinite(sinceOther)) return 0
  const difference = magnitude(now - since) - magnitude(now - sinceOther)
  return difference || ((one.metadata.uid ?? '') < (other.metadata.uid ?? '') ? -1 : 1)
}

function magnitude(millis: number): number {
  return millis > 0 ? Math.floor(Math.log2(millis * 1_000_000)) : -1
}
