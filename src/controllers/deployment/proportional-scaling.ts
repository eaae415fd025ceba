// A Deployment that grows or shrinks while a rollout is under way: all its replica sets share in it.
// Upstream: pkg/controller/deployment/sync.go scale, util/deployment_util.go GetReplicaSetProportion
import type { ReplicaSet } from '../../resources/index.js'
import { annotations, byBirth, isInUse, limitsOf, type Rollout, resize, resizeIfNeeded, sizeOf, totalSize, wantedSize } from './rollout.js'

export function scaleProportionally(rollout: Rollout, current: ReplicaSet | undefined): void {
  const { deployment, replicaSets } = rollout
  const old = replicaSets.filter((each) => each !== current)
  const only = activeOrLatest(current, old)
  if (only) {
    resizeIfNeeded(rollout, only, wantedSize(rollout))
  } else if (current && isSaturated(rollout, current)) {
    for (const each of old.filter(isInUse)) resizeIfNeeded(rollout, each, 0)
  } else if (deployment.spec.strategy.type === 'RollingUpdate') {
    share(rollout, replicaSets.filter(isInUse))
  }
}

/** The one that is in use; of none the newest; nothing when several are. */
function activeOrLatest(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...old, ...(current ? [current] : [])].filter(isInUse)
  if (active.length === 1) return active[0]
  return active.length ? undefined : (current ?? old[old.length - 1])
}

function isSaturated(rollout: Rollout, { metadata, spec, status }: ReplicaSet): boolean {
  const wanted = wantedSize(rollout)
  return spec.replicas === wanted && Number(metadata.annotations?.[annotations.desiredReplicas]) === wanted && (status.availableReplicas ?? 0) === wanted
}

function share(rollout: Rollout, active: readonly ReplicaSet[]): void {
  const wanted = wantedSize(rollout)
  const allowed = wanted > 0 ? wanted + limitsOf(rollout.deployment).surge : 0
  const toAdd = allowed - totalSize(active)
  // The largest first; of equal ones the newest grow and the oldest shrink.
  const ordered = [...active].sort((one, other) => sizeOf(other) - sizeOf(one) || (toAdd > 0 ? byBirth(other, one) : byBirth(one, other)))
  let added = 0
  const sizes = ordered.map((each) => {
    const portion = portionOf(rollout, each, { toAdd, added })
    added += portion
    return sizeOf(each) + portion
  })
  ordered.forEach((each, index) => {
    const leftover = index === 0 ? toAdd - added : 0
    resize(rollout, each, Math.max(0, sizes[index] + leftover))
  })
}

function portionOf(rollout: Rollout, replicaSet: ReplicaSet, { toAdd, added }: { toAdd: number; added: number }): number {
  if (toAdd === 0 || toAdd === added) return 0
  const fraction = fractionOf(rollout, replicaSet)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

/** How much it would change if only the size of the Deployment counted. */
function fractionOf(rollout: Rollout, replicaSet: ReplicaSet): number {
  const { deployment } = rollout
  const size = sizeOf(replicaSet)
  if (wantedSize(rollout) === 0) return -size
  const most = wantedSize(rollout) + limitsOf(deployment).surge
  const before = Number(replicaSet.metadata.annotations?.[annotations.maxReplicas]) || (deployment.status.replicas ?? 0)
  return before > 0 ? Math.round((size * most) / before) - size : 0
}
