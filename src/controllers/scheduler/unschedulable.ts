// Why a pod stays without a node, in the scheduler's words.
// Upstream: pkg/scheduler/framework/types.go FitError, pkg/scheduler/framework/preemption/preemption.go
import type { Pod } from '../../resources/index.js'
import type { Refusals } from './filters.js'

export const noNodes = 'no nodes available to schedule pods'

export function describeRefusals(pod: Pod, refusals: Refusals): string {
  return `${describeReasons(refusals)} ${describePreemption(pod, refusals)}`
}

/** When others leave so that the pod will fit. */
export const describeRoomMade = describeReasons

function describeReasons({ refused, passedOver }: Refusals): string {
  const histogram = new Map<string, number>()
  for (const { reasons } of refused) for (const reason of reasons) count(histogram, reason)
  count(histogram, "node(s) didn't satisfy plugin(s) [NodeAffinity]", passedOver)
  return available(refused.length + passedOver, histogram)
}

/** When the pod cannot run anywhere, whatever the nodes. */
export function describeRefusal(pod: Pod, cause: string, nodes: number): string {
  return `0/${nodes} nodes are available: ${cause}. ${describePreemption(pod, { refused: [], passedOver: nodes })}`
}

const unhelpful = 'Preemption is not helpful for scheduling'

// Each plugin that could still help says why it does not; with no claims of devices the first has nothing to give.
function describePreemption({ spec }: Pod, { refused, passedOver }: Refusals): string {
  const devices = 'no new claims to deallocate'
  if (spec.preemptionPolicy === 'Never') return `${devices}, preemption: not eligible due to preemptionPolicy=Never.`
  const histogram = new Map<string, number>()
  for (const { isUnresolvable } of refused) count(histogram, isUnresolvable ? unhelpful : 'No preemption victims found for incoming pod')
  count(histogram, unhelpful, passedOver)
  return `${devices}, preemption: ${available(refused.length + passedOver, histogram)}`
}

function available(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const counted = [...reasons].map(([reason, number]) => `${number} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${counted.join(', ')}.`
}

function count(histogram: Map<string, number>, reason: string, times = 1): void {
  if (times) histogram.set(reason, (histogram.get(reason) ?? 0) + times)
}

/** Whether it may help a pod that others leave: a message that was told of it says so of some node. */
export function mayRoomHelp(message: string): boolean {
  const [, nodes, hopeless] = /preemption: 0\/(\d+) nodes are available: (\d+) Preemption is not helpful for scheduling\.$/.exec(message) ?? []
  return nodes === undefined || nodes !== hopeless
}
