// Rollout: a Deployment and its replica sets while a plan for them is made. Sizes and annotations are changed here first; what has
// changed at the end is written, each object once.
import { deepCopy, deepEqual, formatTime, type PlannedWrite } from '../../machinery/index.js'
import { type Deployment, deployment, type Pod, type ReplicaSet, replicaSet } from '../../resources/index.js'
import { scaledAmount } from '../workloads/amounts.js'
import { workloadEvent } from '../workloads/pod-control.js'

export const component = 'deployment-controller'

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
  rollbackTo: 'deprecated.deployment.rollback.to',
} as const

export interface Rollout {
  /** As it is stored. */
  readonly stored: Deployment
  /** As it will be; a private copy. */
  readonly deployment: Deployment
  /** Private copies, the oldest first. */
  readonly replicaSets: ReplicaSet[]
  readonly storedReplicaSets: ReadonlyMap<string, ReplicaSet>
  /** Of all its replica sets. */
  readonly pods: readonly Pod[]
  /** A replica set of the name that a new one would get. */
  readonly rival?: ReplicaSet
  /** In the order in which they happen. */
  readonly writes: PlannedWrite[]
  readonly now: number
}

export function openRollout(stored: Deployment, replicaSets: readonly ReplicaSet[], more: Pick<Rollout, 'pods' | 'now' | 'rival'>): Rollout {
  return {
    stored,
    deployment: deepCopy(stored),
    replicaSets: [...replicaSets].sort(byBirth).map(deepCopy),
    storedReplicaSets: new Map(replicaSets.map((each) => [each.metadata.uid ?? '', each])),
    writes: [],
    ...more,
  }
}

/** Everything that is to be written. */
export function plannedWrites({ stored, deployment: draft, replicaSets, storedReplicaSets, writes }: Rollout): PlannedWrite[] {
  const changed = replicaSets.filter((each) => each.metadata.uid && !deepEqual(each, storedReplicaSets.get(each.metadata.uid)))
  const sized: PlannedWrite[] = changed.map((object) => ({ verb: 'update', definition: replicaSet, object }))
  const creations = writes.filter(({ verb }) => verb === 'create')
  const others = writes.filter(({ verb }) => verb !== 'create')
  // Nothing shrinks for a replica set that cannot be made.
  return [...creations, ...sized, ...others, ...(deepEqual(draft, stored) ? [] : [statusWrite(draft)])]
}

/** Upstream writes the revision along with the status. */
export function statusWrite(object: Deployment): PlannedWrite {
  return { verb: 'update', definition: deployment, object, subresource: 'status' }
}

export const sizeOf = ({ spec }: ReplicaSet) => spec.replicas ?? 0
export const wantedSize = ({ deployment }: Pick<Rollout, 'deployment'>) => deployment.spec.replicas ?? 0
export const isInUse = (replicaSet: ReplicaSet) => sizeOf(replicaSet) > 0
export const totalSize = (replicaSets: readonly ReplicaSet[]) => replicaSets.reduce((sum, each) => sum + sizeOf(each), 0)
export const totalAvailable = (replicaSets: readonly ReplicaSet[]) => replicaSets.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0)

export function byBirth({ metadata: one }: ReplicaSet, { metadata: other }: ReplicaSet): number {
  return compare(one.creationTimestamp ?? '', other.creationTimestamp ?? '') || compare(one.name ?? '', other.name ?? '')
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

interface Limits {
  surge: number
  unavailable: number
}

/** How many pods may be too many and too few. Upstream: util/deployment_util.go ResolveFenceposts */
export function limitsOf({ spec }: Deployment): Limits {
  const { type, rollingUpdate } = spec.strategy
  const replicas = spec.replicas ?? 0
  if (type !== 'RollingUpdate') return { surge: 0, unavailable: 0 }
  const surge = scaledAmount(rollingUpdate?.maxSurge, replicas, 'up')
  const unavailable = scaledAmount(rollingUpdate?.maxUnavailable, replicas, 'down')
  // A small share of few pods is none: one has to go first nevertheless.
  const most = surge === 0 && unavailable === 0 ? 1 : unavailable
  return { surge, unavailable: Math.min(most, replicas) }
}

/** Sets the size of a replica set and the annotations that say for which Deployment it is. @returns whether the size has changed */
export function resize(rollout: Rollout, replicaSet: ReplicaSet, size: number): boolean {
  const before = sizeOf(replicaSet)
  noteSizes(rollout.deployment, replicaSet)
  replicaSet.spec.replicas = size
  if (before === size) return false
  tell(rollout, 'ScalingReplicaSet', `Scaled ${before < size ? 'up' : 'down'} replica set ${replicaSet.metadata.name} from ${before} to ${size}`)
  return true
}

/** As `resize`, but a replica set of that size is left as it is. */
export function resizeIfNeeded(rollout: Rollout, replicaSet: ReplicaSet, size: number): boolean {
  return sizeOf(replicaSet) !== size && resize(rollout, replicaSet, size)
}

export function noteSizes(deployment: Deployment, { metadata }: ReplicaSet): void {
  const desired = deployment.spec.replicas ?? 0
  metadata.annotations = {
    ...metadata.annotations,
    [annotations.desiredReplicas]: String(desired),
    [annotations.maxReplicas]: String(desired + limitsOf(deployment).surge),
  }
}

export function tell({ stored, writes }: Rollout, reason: string, message: string, type: 'Normal' | 'Warning' = 'Normal'): void {
  writes.push(workloadEvent(stored, component, { type, reason, message }))
}

export interface Verdict {
  type: string
  status: string
  reason: string
  message: string
}

/** Sets a condition unless it says so already; the message alone is no news. Upstream: SetDeploymentCondition */
export function setCondition({ status }: Deployment, { type, status: value, reason, message }: Verdict, now: number): void {
  const conditions = status.conditions ?? []
  const before = conditions.find((each) => each.type === type)
  if (before?.status === value && before.reason === reason) return
  const lastTransitionTime = before?.status === value ? before.lastTransitionTime : formatTime(now)
  const condition = { type, status: value, lastUpdateTime: formatTime(now), lastTransitionTime, reason, message }
  status.conditions = [...conditions.filter((each) => each.type !== type), condition]
}

export function removeCondition({ status }: Deployment, type: string): void {
  const conditions = status.conditions?.filter((each) => each.type !== type) ?? []
  if (conditions.length) status.conditions = conditions
  else delete status.conditions
}

export function conditionOf({ status }: Deployment, type: string) {
  return status.conditions?.find((each) => each.type === type)
}

const noDeadline = 2_147_483_647

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== noDeadline
}
