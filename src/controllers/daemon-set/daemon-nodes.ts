// A DaemonSet seen node by node: which pods are where, and what has to come and go.
// Upstream: pkg/controller/daemon/daemon_controller.go podsShouldBeOnNode, update.go rollingUpdate
import type { PlannedEvent } from '../../machinery/index.js'
import { type DaemonSet, isReady, type Node, type Pod } from '../../resources/index.js'
import { scaledAmount } from '../workloads/amounts.js'
import type { Told } from '../workloads/pod-control.js'
import { isAvailable, isTerminating } from '../workloads/pod-state.js'
import { type Fit, fitFor, isUpdated, nodeNameOf } from './daemon-pod.js'

export interface Place extends Fit {
  node: Node
  /** The oldest first. */
  pods: readonly Pod[]
}

export interface Daemons {
  set: DaemonSet
  places: readonly Place[]
  /** Of the present template. */
  hash: string
  now: number
}

export function placesOf(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): Place[] {
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    const name = nodeNameOf(pod) ?? ''
    const there = byNode.get(name)
    if (there) there.push(pod)
    else byNode.set(name, [pod])
  }
  const fitOf = fitFor(set)
  return nodes.map((node) => {
    const there = byNode.get(node.metadata.name ?? '') ?? []
    // Most have one.
    return { node, pods: there.length > 1 ? there.sort(byBirth) : there, ...fitOf(node) }
  })
}

function byBirth({ metadata: one }: Pod, { metadata: other }: Pod): number {
  return Date.parse(one.creationTimestamp ?? '') - Date.parse(other.creationTimestamp ?? '') || ((one.name ?? '') < (other.name ?? '') ? -1 : 1)
}

export interface Changes {
  create: Node[]
  remove: Pod[]
  events: (Told & { type: PlannedEvent['type'] })[]
}

export const hasChanges = ({ create, remove }: Changes) => create.length > 0 || remove.length > 0

/** One pod on each node that wants one, none on others. */
export function manage({ set, places, hash, now }: Daemons): Changes {
  const changes: Changes = { create: [], remove: [], events: [] }
  for (const place of places) {
    const { node, pods, shouldRun, mayStay } = place
    if (shouldRun && !pods.length) changes.create.push(node)
    else if (mayStay) tidy(set, place, { hash, now, changes })
    else changes.remove.push(...pods.filter((pod) => !isTerminating(pod)))
  }
  return changes
}

function tidy(set: DaemonSet, { node, pods }: Place, { hash, now, changes }: { hash: string; now: number; changes: Changes }): void {
  const staying: Pod[] = []
  for (const pod of pods) {
    if (isTerminating(pod)) continue
    const phase = pod.status?.phase
    if (phase !== 'Failed' && phase !== 'Succeeded') {
      staying.push(pod)
      continue
    }
    const { namespace, name } = pod.metadata
    const word = phase === 'Failed' ? 'failed' : 'succeeded'
    const message = `Found ${word} daemon pod ${namespace}/${name} on node ${node.metadata.name}, will try to ${phase === 'Failed' ? 'kill' : 'delete'} it`
    changes.events.push({ type: phase === 'Failed' ? 'Warning' : 'Normal', reason: phase === 'Failed' ? 'FailedDaemonPod' : 'SucceededDaemonPod', message })
    changes.remove.push(pod)
  }
  if (staying.length < 2) return
  changes.remove.push(...(limitsOf(set, 1).surge ? surplusWhileSurging(set, staying, { hash, now }) : staying.slice(1)))
}

/** One of the present template may stand beside one of an old one until it can take over. */
function surplusWhileSurging(set: DaemonSet, pods: readonly Pod[], { hash, now }: { hash: string; now: number }): Pod[] {
  const [newest, ...moreNew] = pods.filter((pod) => isUpdated(set, pod, hash))
  const [oldest, ...moreOld] = pods.filter((pod) => !isUpdated(set, pod, hash))
  const isReplaced = newest && oldest && (!isReady(oldest) || isAvailable(newest, set.spec.minReadySeconds ?? 0, now))
  return [...moreNew, ...moreOld, ...(isReplaced ? [oldest] : [])]
}

function limitsOf({ spec }: DaemonSet, nodes: number): { surge: number; unavailable: number } {
  const { type, rollingUpdate } = spec.updateStrategy
  if (type !== 'RollingUpdate') return { surge: 0, unavailable: 0 }
  const surge = scaledAmount(rollingUpdate?.maxSurge, nodes, 'up')
  const unavailable = scaledAmount(rollingUpdate?.maxUnavailable, nodes, 'up')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Replaces pods of old templates, as many at a time as the strategy allows. */
export function rollingUpdate(daemons: Daemons): Changes {
  const { set, places } = daemons
  const wanted = places.filter(({ shouldRun }) => shouldRun)
  const { surge, unavailable } = limitsOf(set, wanted.length)
  return surge ? updateBySurge(daemons, surge) : updateInPlace(daemons, unavailable)
}

interface Pair {
  node: Node
  updated?: Pod
  outdated?: Pod
}

function pairOf({ set, hash }: Daemons, { node, pods }: Place): Pair {
  const staying = pods.filter((pod) => !isTerminating(pod))
  return { node, updated: staying.find((pod) => isUpdated(set, pod, hash)), outdated: staying.find((pod) => !isUpdated(set, pod, hash)) }
}

function updateInPlace(daemons: Daemons, unavailableMax: number): Changes {
  const { set, now } = daemons
  const serves = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)
  let unavailable = 0
  const broken: Pod[] = []
  const healthy: Pod[] = []
  for (const place of daemons.places.filter(({ shouldRun }) => shouldRun)) {
    const { updated, outdated } = pairOf(daemons, place)
    if (!outdated || updated) {
      if (!updated || outdated || !serves(updated)) unavailable++
    } else if (serves(outdated)) healthy.push(outdated)
    else {
      broken.push(outdated)
      unavailable++
    }
  }
  return { create: [], remove: [...broken, ...healthy.slice(0, Math.max(0, unavailableMax - unavailable))], events: [] }
}

function updateBySurge(daemons: Daemons, surgeMax: number): Changes {
  const { set, now } = daemons
  const serves = (pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)
  let surging = 0
  const changes: Changes = { create: [], remove: [], events: [] }
  const candidates: Node[] = []
  for (const place of daemons.places.filter(({ shouldRun }) => shouldRun)) {
    const { node, updated, outdated } = pairOf(daemons, place)
    if (!outdated) continue
    if (!updated) (serves(outdated) ? candidates : changes.create).push(node)
    else if (serves(updated)) changes.remove.push(outdated)
    else surging++
  }
  changes.create.push(...candidates.slice(0, Math.max(0, surgeMax - surging)))
  return changes
}

export function daemonStatus({ set, places, hash, now }: Daemons): DaemonSet['status'] {
  const { metadata, spec, status } = set
  const wanted = places.filter(({ shouldRun }) => shouldRun)
  const first = wanted.flatMap(({ pods }) => pods.slice(0, 1))
  const ready = first.filter(isReady)
  const updated = first.filter((pod) => isUpdated(set, pod, hash)).length
  const available = first.filter((pod) => isAvailable(pod, spec.minReadySeconds ?? 0, now)).length
  const unavailable = wanted.length - available
  return {
    currentNumberScheduled: first.length,
    numberMisscheduled: places.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: ready.length,
    ...(metadata.generation ? { observedGeneration: metadata.generation } : {}),
    ...(updated ? { updatedNumberScheduled: updated } : {}),
    ...(available ? { numberAvailable: available } : {}),
    ...(unavailable ? { numberUnavailable: unavailable } : {}),
    ...(status.collisionCount === undefined ? {} : { collisionCount: status.collisionCount }),
    ...(status.conditions ? { conditions: status.conditions } : {}),
  }
}
