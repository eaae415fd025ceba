// What a Deployment says of its rollout, and when it has taken too long.
// Upstream: pkg/controller/deployment/progress.go, sync.go calculateStatus
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../resources/index.js'
import { counts } from '../workloads/pod-state.js'
import { conditionOf, hasDeadline, limitsOf, type Rollout, removeCondition, setCondition, totalAvailable, totalSize } from './rollout.js'

/** Counts; says whether enough pods serve. */
export function syncCounts({ deployment, replicaSets, now }: Rollout, current: ReplicaSet | undefined): void {
  const { metadata, spec, status } = deployment
  const available = totalAvailable(replicaSets)
  const sum = (read: (status: ReplicaSet['status']) => number | undefined) => replicaSets.reduce((total, each) => total + (read(each.status) ?? 0), 0)
  deployment.status = {
    ...counts({
      observedGeneration: metadata.generation ?? 0,
      replicas: sum(({ replicas }) => replicas),
      updatedReplicas: current?.status.replicas ?? 0,
      readyReplicas: sum(({ readyReplicas }) => readyReplicas),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, totalSize(replicaSets) - available),
    }),
    terminatingReplicas: sum(({ terminatingReplicas }) => terminatingReplicas),
    ...(status.conditions ? { conditions: status.conditions } : {}),
    ...(status.collisionCount === undefined ? {} : { collisionCount: status.collisionCount }),
  }
  const isEnough = available >= (spec.replicas ?? 0) - limitsOf(deployment).unavailable
  const verdict = isEnough
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' }
  setCondition(deployment, { type: 'Available', ...verdict }, now)
}

export function isComplete({ metadata, spec, status }: Deployment): boolean {
  const wanted = spec.replicas ?? 0
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted && observedGeneration >= (metadata.generation ?? 0)
}

/** Counts, and says how the rollout goes. */
export function syncProgress(rollout: Rollout, current: ReplicaSet | undefined): void {
  const { deployment, stored, now } = rollout
  syncCounts(rollout, current)
  const before = conditionOf(deployment, 'Progressing')
  if (!hasDeadline(deployment)) removeCondition(deployment, 'Progressing')
  else if (!(deployment.status.replicas === deployment.status.updatedReplicas && before?.reason === 'NewReplicaSetAvailable')) {
    const name = `${current ? 'ReplicaSet' : 'Deployment'} "${current?.metadata.name ?? deployment.metadata.name}"`
    const say = (status: string, reason: string, message: string) =>
      setCondition(deployment, { type: 'Progressing', status, reason, message: `${name} ${message}.` }, now)
    if (isComplete(deployment)) say('True', 'NewReplicaSetAvailable', 'has successfully progressed')
    else if (hasProgressed(stored.status, deployment.status)) {
      // The time of the last sign of progress moves on, even when nothing else is new.
      removeCondition(deployment, 'Progressing')
      say('True', 'ReplicaSetUpdated', 'is progressing')
      const next = conditionOf(deployment, 'Progressing')
      if (next && before?.status === 'True') next.lastTransitionTime = before.lastTransitionTime
    } else if (isLate(deployment, now)) say('False', 'ProgressDeadlineExceeded', 'has timed out progressing')
  }
  passOnFailures(rollout, current)
}

function hasProgressed(before: DeploymentStatus, status: DeploymentStatus): boolean {
  const oldOf = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas
  const { updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before
  return (
    (status.updatedReplicas ?? 0) > updatedReplicas ||
    oldOf(status) < oldOf(before) ||
    (status.readyReplicas ?? 0) > readyReplicas ||
    (status.availableReplicas ?? 0) > availableReplicas
  )
}

function isLate(deployment: Deployment, now: number): boolean {
  const condition = conditionOf(deployment, 'Progressing')
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  return condition.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment) < now
}

function deadlineOf(deployment: Deployment): number {
  const { progressDeadlineSeconds = 0 } = deployment.spec
  return Date.parse(conditionOf(deployment, 'Progressing')?.lastUpdateTime ?? '') + progressDeadlineSeconds * 1000
}

/** When to look whether the rollout is stuck. */
export function deadlineCheckMillis(deployment: Deployment, now: number): number | undefined {
  const condition = conditionOf(deployment, 'Progressing')
  if (!condition || !hasDeadline(deployment) || isComplete(deployment) || condition.reason === 'ProgressDeadlineExceeded') return undefined
  const millis = Math.max(deadlineOf(deployment) - now, 0) + 1000
  return Number.isFinite(millis) ? millis : undefined
}

/** What keeps a replica set from making pods, the new one's first. */
function passOnFailures({ deployment, replicaSets, now }: Rollout, current: ReplicaSet | undefined): void {
  const failureOf = (replicaSet: ReplicaSet | undefined) => replicaSet?.status.conditions?.find(({ type }) => type === 'ReplicaFailure')
  const failure = failureOf(current) ?? replicaSets.map(failureOf).find((each) => each !== undefined)
  if (!failure) removeCondition(deployment, 'ReplicaFailure')
  else setCondition(deployment, { type: 'ReplicaFailure', status: failure.status, reason: failure.reason ?? '', message: failure.message ?? '' }, now)
}
