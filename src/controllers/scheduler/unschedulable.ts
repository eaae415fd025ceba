// Why a pod stays without a node, in the scheduler's words.
// Upstream: pkg/scheduler/framework/types.go FitError, pkg/scheduler/framework/preemption/preemption.go
import type { Pod } from '../../resources/index.js'
import type { Objection } from './filters.js'

export const noNodes = 'no nodes available to schedule pods'

/** @param objections one for each node */
export function describeObjections(pod: Pod, objections: readonly Objection[]): string {
  return `${describeReasons(objections)} ${describePreemption(pod, objections)}`
}

/** When others leave so that the pod will fit. */
export const describeRoomMade = describeReasons

function describeReasons(objections: readonly Objection[]): string {
  const histogram = new Map<string, number>()
  for (const { reasons } of objections) for (const reason of reasons) count(histogram, reason)
  return available(objections.length, histogram)
}

/** When the pod cannot run anywhere, whatever the nodes. */
export function describeRefusal(pod: Pod, cause: string, nodes: number): string {
  const objections = Array.from({ length: nodes }, (): Objection => ({ reasons: [], isUnresolvable: true }))
  return `0/${nodes} nodes are available: ${cause}. ${describePreemption(pod, objections)}`
}

// Each plugin that could still help says why it does not; with no claims of devices the first has nothing to give.
function describePreemption({ spec }: Pod, objections: readonly Objection[]): string {
  const devices = 'no new claims to deallocate'
  if (spec.preemptionPolicy === 'Never') return `${devices}, preemption: not eligible due to preemptionPolicy=Never.`
  const histogram = new Map<string, number>()
  for (const { isUnresolvable } of objections) {
    count(histogram, isUnresolvable ? 'Preemption is not helpful for scheduling' : 'No preemption victims found for incoming pod')
  }
  return `${devices}, preemption: ${available(objections.length, histogram)}`
}

function available(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const counted = [...reasons].map(([reason, number]) => `${number} ${reason}`).sort()
  return `0/${nodes} nodes are available: ${counted.join(', ')}.`
}

function count(histogram: Map<string, number>, reason: string): void {
  histogram.set(reason, (histogram.get(reason) ?? 0) + 1)
}
