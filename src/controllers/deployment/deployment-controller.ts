// A Deployment keeps a replica set for each of its templates, and leads its pods from the old ones to the new one.
// Upstream: pkg/controller/deployment/deployment_controller.go
// Differs: the annotation deprecated.deployment.rollback.to, by which clients of extensions/v1beta1 rolled back, means nothing.
import {
  type Controller,
  compileLabelSelector,
  deepEqual,
  defineController,
  keyOf,
  matchesLabels,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
} from '../../machinery/index.js'
import { type Deployment, deployment, pod, type ReplicaSet, replicaSet } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { claim, controllerOf, defineDependents, dependentPods, ownersOf } from '../workloads/ownership.js'
import { deadlineCheckMillis, isComplete, syncCounts, syncProgress } from './deployment-status.js'
import { makeNewReplicaSet, newReplicaSetName, revisionOf, syncRevision } from './new-replica-set.js'
import { scaleProportionally } from './proportional-scaling.js'
import {
  annotations,
  conditionOf,
  hasDeadline,
  isInUse,
  openRollout,
  plannedWrites,
  type Rollout,
  resizeIfNeeded,
  setCondition,
  wantedSize,
} from './rollout.js'
import { endOld, hasOldPods, rollOn } from './strategies.js'

const dependentReplicaSets = defineDependents(replicaSet)

interface Observed {
  rollout: Rollout
  claims: readonly PlannedWrite[]
}

export const deploymentController: Controller<Observed> = defineController<Observed>({
  name: 'deployment-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    onSelf(deployment),
    on(replicaSet, (change, snapshot) =>
      ownersOf(change, snapshot, { definition: deployment, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) }),
    ),
    // Only one that waits for old pods to end cares for pods themselves.
    on(pod, ({ object, deleted }, snapshot) => {
      const controller = deleted || isTerminal(object) ? controllerOf(object) : undefined
      if (controller?.kind !== 'ReplicaSet') return []
      const { namespace = '' } = object.metadata
      const parent = snapshot.get(replicaSet, { namespace, name: controller.name })
      const owner = parent && controllerOf(parent)
      const found = owner && snapshot.get(deployment, { namespace, name: owner.name })
      return found?.spec.strategy.type === 'Recreate' ? [keyOf(found)] : []
    }),
  ],
  observe(key, snapshot) {
    const stored = snapshot.get(deployment, key)
    if (!stored) return undefined
    const matches = compileLabelSelector(stored.spec.selector)
    const { members, writes } = claim({ owner: stored, dependents: dependentReplicaSets, matches: ({ metadata }) => matches(metadata.labels) }, snapshot)
    const pods = members.flatMap(({ metadata }) => snapshot.find(dependentPods.controlled, metadata.uid ?? ''))
    const rival = snapshot.get(replicaSet, { namespace: key.namespace, name: newReplicaSetName(stored) })
    return { rollout: openRollout(stored, members, { pods, now: snapshot.now, ...(rival ? { rival } : {}) }), claims: writes }
  },
  reconcile({ rollout, claims }): Plan {
    // What has changed hands comes back as it is then.
    if (claims.length) return { writes: [...claims] }
    sync(rollout)
    const requeueAfterMillis = isCounting(rollout.deployment) ? undefined : deadlineCheckMillis(rollout.deployment, rollout.now)
    return { writes: plannedWrites(rollout), ...(requeueAfterMillis === undefined ? {} : { requeueAfterMillis }) }
  },
})

const isCounting = ({ metadata, spec }: Deployment) => metadata.deletionTimestamp !== undefined || spec.paused === true

function sync(rollout: Rollout): void {
  const { deployment: draft } = rollout
  if (draft.metadata.deletionTimestamp !== undefined) {
    syncCounts(rollout, syncRevision(rollout))
    return
  }
  if (notePause(rollout)) return
  if (draft.spec.paused || hasOtherSize(rollout)) {
    const current = syncRevision(rollout)
    scaleProportionally(rollout, current)
    if (draft.spec.paused) cleanUp(rollout, current)
    syncCounts(rollout, current)
  } else if (draft.spec.strategy.type === 'Recreate') recreate(rollout)
  else rollingUpdate(rollout)
}

/** Says that it is paused, or no longer. @returns whether that was news: the rest comes after it */
function notePause({ deployment: draft, stored, now }: Rollout): boolean {
  const reason = conditionOf(draft, 'Progressing')?.reason
  if (!hasDeadline(draft) || reason === 'ProgressDeadlineExceeded') return false
  const say = (reason: string, message: string) => setCondition(draft, { type: 'Progressing', status: 'Unknown', reason, message }, now)
  if (draft.spec.paused && reason !== 'DeploymentPaused') say('DeploymentPaused', 'Deployment is paused')
  if (!draft.spec.paused && reason === 'DeploymentPaused') say('DeploymentResumed', 'Deployment is resumed')
  return !deepEqual(draft, stored)
}

/** Whether its replica sets were sized for another number of pods. */
function hasOtherSize(rollout: Rollout): boolean {
  const desired = ({ metadata }: ReplicaSet) => metadata.annotations?.[annotations.desiredReplicas]
  return rollout.replicaSets.filter(isInUse).some((each) => desired(each) !== undefined && Number(desired(each)) !== wantedSize(rollout))
}

function rollingUpdate(rollout: Rollout): void {
  const current = syncRevision(rollout) ?? makeNewReplicaSet(rollout)
  if (!current) return
  const isScaled = rollOn(rollout, current)
  if (!isScaled && isComplete(rollout.stored)) cleanUp(rollout, current)
  syncProgress(rollout, current)
}

function recreate(rollout: Rollout): void {
  let current = syncRevision(rollout)
  if (!endOld(rollout, current) && !hasOldPods(rollout, current)) {
    if (!current) {
      current = makeNewReplicaSet(rollout)
      if (!current) return
    }
    resizeIfNeeded(rollout, current, wantedSize(rollout))
    if (isComplete(rollout.stored)) cleanUp(rollout, current)
  }
  syncProgress(rollout, current)
}

/** Old replica sets beyond those that are kept to roll back to. Upstream: sync.go cleanupDeployment */
function cleanUp({ deployment: draft, replicaSets, writes }: Rollout, current: ReplicaSet | undefined): void {
  const limit = draft.spec.revisionHistoryLimit
  if (limit === undefined || limit === 2_147_483_647) return
  const old = replicaSets.filter((each) => each !== current && each.metadata.deletionTimestamp === undefined)
  const isIdle = ({ metadata, spec, status }: ReplicaSet) =>
    status.replicas === 0 && (spec.replicas ?? 0) === 0 && (metadata.generation ?? 0) <= (status.observedGeneration ?? 0)
  const surplus = old.sort((one, other) => revisionOf(one) - revisionOf(other)).slice(0, Math.max(0, old.length - limit))
  for (const each of surplus.filter(isIdle))
    writes.push({ verb: 'delete', definition: replicaSet, key: keyOf(each), options: { preconditions: { uid: each.metadata.uid } } })
}
