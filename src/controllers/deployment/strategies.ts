// One step of a rollout: pod by pod, or all old ones first.
// Upstream: pkg/controller/deployment/rolling.go, recreate.go
import type { ReplicaSet } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { controllerOf } from '../workloads/ownership.js'
import { isInUse, limitsOf, type Rollout, resizeIfNeeded, sizeOf, totalAvailable, totalSize, wantedSize } from './rollout.js'

/** @returns whether anything was scaled: then the next step has to wait */
export function rollOn(rollout: Rollout, current: ReplicaSet): boolean {
  return growNew(rollout, current) || shrinkOld(rollout, current)
}

function growNew(rollout: Rollout, current: ReplicaSet): boolean {
  const wanted = wantedSize(rollout)
  const size = sizeOf(current)
  if (size >= wanted) return resizeIfNeeded(rollout, current, wanted)
  const room = wanted + limitsOf(rollout.deployment).surge - totalSize(rollout.replicaSets)
  return resizeIfNeeded(rollout, current, size + Math.max(0, Math.min(room, wanted - size)))
}

function shrinkOld(rollout: Rollout, current: ReplicaSet): boolean {
  const old = rollout.replicaSets.filter((each) => each !== current && isInUse(each))
  if (!old.length) return false
  const available = totalAvailable(rollout.replicaSets)
  const least = wantedSize(rollout) - limitsOf(rollout.deployment).unavailable
  const unavailableNew = sizeOf(current) - (current.status.availableReplicas ?? 0)
  const surplus = totalSize(rollout.replicaSets) - least - unavailableNew
  if (surplus <= 0) return false
  // Those that do not serve anyway go first, and cost nothing.
  const broken = take(rollout, old, surplus, (each) => sizeOf(each) - (each.status.availableReplicas ?? 0))
  const healthy = take(rollout, old, available - least, sizeOf)
  return broken + healthy > 0
}

/** Takes up to so many pods from the old replica sets, from the oldest on. @returns how many */
function take(rollout: Rollout, old: readonly ReplicaSet[], most: number, spare: (each: ReplicaSet) => number): number {
  let taken = 0
  for (const each of old) {
    const count = Math.min(most - taken, spare(each))
    if (count <= 0) continue
    resizeIfNeeded(rollout, each, sizeOf(each) - count)
    taken += count
  }
  return taken
}

/** @returns whether old replica sets were told to end */
export function endOld(rollout: Rollout, current: ReplicaSet | undefined): boolean {
  const old = rollout.replicaSets.filter((each) => each !== current && isInUse(each))
  return old.filter((each) => resizeIfNeeded(rollout, each, 0)).length > 0
}

/** Whether any pod of old replica sets may still run. */
export function hasOldPods({ replicaSets, pods }: Rollout, current: ReplicaSet | undefined): boolean {
  if (replicaSets.some((each) => each !== current && each.status.replicas > 0)) return true
  return pods.some((pod) => !isTerminal(pod) && controllerOf(pod)?.uid !== current?.metadata.uid)
}
