// Taints that follow from what a node says of itself.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
import { formatTime } from '../../machinery/index.js'
import type { Node, Taint } from '../../resources/index.js'
import { readinessOf } from './node-script.js'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'

const pressures: Record<string, string> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
}
const cordon = 'node.kubernetes.io/unschedulable'

const managed = {
  NoSchedule: new Set([notReady, unreachable, cordon, ...Object.values(pressures)]),
  NoExecute: new Set([notReady, unreachable]),
}

/**
 * The taints as they should be; those of others stay as they are. A node that never said whether it is ready is let be.
 * @param now milliseconds since the epoch
 */
export function taintsOf(node: Node, now: number): readonly Taint[] {
  const present = node.spec.taints ?? []
  const readiness = readinessOf(node)
  if (readiness === undefined) return present
  const wanted = wantedTaints(node, readiness)
  const isWanted = ({ key, effect }: Taint) => wanted.some((taint) => taint.key === key && taint.effect === effect)
  const kept = present.filter((taint) => !isManaged(taint) || isWanted(taint))
  const missing = wanted.filter(({ key, effect }) => !kept.some((taint) => taint.key === key && taint.effect === effect))
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: formatTime(now) }))]
}

function isManaged({ key, effect }: Taint): boolean {
  return (effect === 'NoSchedule' && managed.NoSchedule.has(key)) || (effect === 'NoExecute' && managed.NoExecute.has(key))
}

function wantedTaints({ spec, status }: Node, readiness: string): Taint[] {
  const key = readiness === 'False' ? notReady : readiness === 'Unknown' ? unreachable : undefined
  const pressing = (status.conditions ?? []).flatMap(({ type, status: value }) => (value === 'True' && pressures[type] ? [pressures[type]] : []))
  const noSchedule = [...(key ? [key] : []), ...pressing, ...(spec.unschedulable ? [cordon] : [])]
  return [...noSchedule.map((each) => ({ key: each, effect: 'NoSchedule' })), ...(key ? [{ key, effect: 'NoExecute' }] : [])]
}

const isCordoned = (taints: readonly Taint[] = []) => taints.some(({ key }) => key === cordon)

export const isNewlyCordoned = (before: readonly Taint[] | null | undefined, now: readonly Taint[]) => !isCordoned(before ?? []) && isCordoned(now)
export const isNewlyFreed = (before: readonly Taint[] | null | undefined, now: readonly Taint[]) => isCordoned(before ?? []) && !isCordoned(now)
