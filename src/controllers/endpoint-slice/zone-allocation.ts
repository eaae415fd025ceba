// ZoneAllocation: how many endpoints of a Service each zone should get, by its share of the CPUs of all nodes.
// Upstream: endpointslice/topologycache/topologycache.go SetNodes, getAllocations; utils.go getGivingAndReceivingZones
import { parseQuantity } from '../../machinery/index.js'
import type { Node } from '../../resources/index.js'

export interface ZoneAllocation {
  /** Not whole. */
  desired: number
  max: number
}

export type ZoneAllocations = ReadonlyMap<string, ZoneAllocation>

/** An endpoint may be asked for a fifth more than its fair share. */
const overloadMax = 0.2

export const zoneLabel = 'topology.kubernetes.io/zone'
const excludedLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']

export function isNodeReady({ status }: Node): boolean {
  return status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
}

/**
 * Each zone's share of the CPUs, zones in order of their names.
 * @returns nothing when a node does not say its zone or CPUs, or there are fewer than two zones
 */
function cpuShares(nodes: readonly Node[]): Map<string, number> | undefined {
  const cpus = new Map<string, bigint>()
  let total = 0n
  for (const node of nodes) {
    const labels = node.metadata.labels ?? {}
    if (excludedLabels.some((label) => label in labels) || !isNodeReady(node)) continue
    const zone = labels[zoneLabel]
    const cpu = parseQuantity(node.status.allocatable?.cpu ?? '0')?.nanos ?? 0n
    if (!zone || !cpu) return undefined
    cpus.set(zone, (cpus.get(zone) ?? 0n) + cpu)
    total += cpu
  }
  if (cpus.size < 2) return undefined
  return new Map([...cpus].sort(([one], [other]) => (one < other ? -1 : 1)).map(([zone, cpu]) => [zone, Number(cpu) / Number(total)]))
}

/** @returns the allocations, or why none of them keeps every endpoint from too much work */
export function allocateZones(nodes: readonly Node[], endpointCount: number): { allocations: ZoneAllocations } | { problem: string } {
  const shares = cpuShares(nodes)
  if (!shares) return { problem: 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes' }
  const counts = `(${endpointCount} endpoints, ${shares.size} zones)`
  if (shares.size > endpointCount) return { problem: `Insufficient number of endpoints ${counts}` }
  const minima = [...shares].map(([zone, share]) => ({ zone, wanted: share * endpointCount, min: Math.ceil(share * endpointCount * (1 / (1 + overloadMax))) }))
  const left = endpointCount - minima.reduce((sum, { min }) => sum + min, 0)
  if (left < 0) {
    return { problem: `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counts}` }
  }
  return { allocations: new Map(minima.map(({ zone, wanted, min }) => [zone, { desired: Math.max(wanted, min), max: min + left }])) }
}

/** How many endpoints each zone gives away and gets, given how many it has. */
export function zoneTransfers(
  allocations: ZoneAllocations,
  present: ReadonlyMap<string, number>,
): { giving: Map<string, number>; receiving: Map<string, number> } {
  const surplus = new Map([...allocations].map(([zone, { desired }]) => [zone, (present.get(zone) ?? 0) - desired]))
  const needed = new Map([...surplus].map(([zone, difference]) => [zone, -difference]))
  const giving = new Map<string, number>()
  const receiving = new Map<string, number>()
  for (;;) {
    const [giver, receiver] = [largest(surplus), largest(needed)]
    const isWorthwhile = giver && receiver && (giver.amount >= 1 || receiver.amount >= 1) && giver.amount >= 0.5 && receiver.amount >= 0.5
    if (!isWorthwhile) return { giving, receiving }
    move(giver.zone, giving, surplus)
    move(receiver.zone, receiving, needed)
  }
}

function move(zone: string, counts: Map<string, number>, amounts: Map<string, number>): void {
  counts.set(zone, (counts.get(zone) ?? 0) + 1)
  amounts.set(zone, (amounts.get(zone) ?? 0) - 1)
}

function largest(amounts: ReadonlyMap<string, number>): { zone: string; amount: number } | undefined {
  let found: { zone: string; amount: number } | undefined
  for (const [zone, amount] of amounts) if (amount > (found?.amount ?? 0)) found = { zone, amount }
  return found
}
