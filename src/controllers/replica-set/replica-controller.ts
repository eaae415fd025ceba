// Keeps as many pods as its owner asks for: takes on strays, makes what is missing, deletes what is too many, and counts.
// Upstream: pkg/controller/replicaset/replica_set.go syncReplicaSet, manageReplicas
import {
  type Controller,
  deepEqual,
  defineController,
  defineIndex,
  type Index,
  type KubeObject,
  type Labels,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
  type ResourceDefinition,
  type Snapshot,
} from '../../machinery/index.js'
import { type Pod, pod, type ReplicaSet } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { type Claims, claim, controllerOf, dependentPods, ownersOf } from '../workloads/ownership.js'
import { burstMax, creation, deletion, podOf } from '../workloads/pod-control.js'
import { deletionOrder } from '../workloads/pod-ranking.js'
import { isActive, isTerminating, nextAvailabilityMillis } from '../workloads/pod-state.js'
import { failedStatus, replicaStatus } from './replica-status.js'

/** What both kinds have in common; the selector of one is a plain map. */
export type Replicated = Omit<ReplicaSet, 'spec'> & { spec: Omit<ReplicaSet['spec'], 'selector'> & { selector?: object | null } }

export interface ReplicaKind {
  name: string
  username?: string
  /** Who tells its events. */
  component: string
  definition: ResourceDefinition<Replicated>
  matcherOf(owner: Replicated): (labels: Labels | undefined) => boolean
  countsTerminating: boolean
}

interface Observed {
  owner: Replicated
  claims: Claims<Pod>
  /** Pods of the owners that have the same controller, as the replica sets of one Deployment. */
  relatives: readonly Pod[]
  now: number
}

export function replicaController(kind: ReplicaKind): Controller {
  const { name, username, definition, matcherOf } = kind
  const siblings = defineIndex<Replicated>({ definition, values: (object) => [controllerOf(object)?.uid ?? ''] })
  return defineController<Observed>({
    name,
    fieldManager: 'kube-controller-manager',
    ...(username ? { username } : {}),
    watches: [
      onSelf(definition),
      on(pod, (change, snapshot) => ownersOf(change, snapshot, { definition, selects: (owner, labels) => matcherOf(owner)(labels) })),
    ],
    observe(key, snapshot) {
      const owner = snapshot.get(definition, key)
      if (!owner) return undefined
      const matches = matcherOf(owner)
      const claims = claim(
        { owner, dependents: dependentPods, matches: ({ metadata }) => matches(metadata.labels), isOver: (object) => !isActive(object) },
        snapshot,
      )
      return { owner, claims, relatives: relativesOf(owner, siblings, snapshot), now: snapshot.now }
    },
    reconcile: (observed) => reconcile(kind, observed),
  })
}

function relativesOf(owner: Replicated, siblings: Index<Replicated>, snapshot: Snapshot): Pod[] {
  const controller = controllerOf(owner)
  const owners = controller ? snapshot.find(siblings, controller.uid) : [owner]
  return owners.flatMap(({ metadata }) => snapshot.find(dependentPods.controlled, metadata.uid ?? '')).filter(isActive)
}

function reconcile(kind: ReplicaKind, { owner, claims, relatives, now }: Observed): Plan {
  const active = claims.members.filter(isActive)
  const terminating = claims.members.filter((object) => isTerminating(object) && !isTerminal(object))
  const writes: PlannedWrite[] = [...claims.writes]
  if (owner.metadata.deletionTimestamp === undefined) writes.push(...resize(kind, owner, active, { relatives, now }))
  const status = replicaStatus(owner, { active, now, ...(kind.countsTerminating ? { terminating } : {}) })
  if (!deepEqual(status, owner.status)) writes.push(statusWrite(kind, owner, status))
  const requeueAfterMillis = nextAvailabilityMillis(active, owner.spec.minReadySeconds ?? 0, now)
  return { writes, ...(requeueAfterMillis === undefined ? {} : { requeueAfterMillis }) }
}

function resize(kind: ReplicaKind, owner: Replicated, active: readonly Pod[], ranking: { relatives: readonly Pod[]; now: number }): PlannedWrite[] {
  const control = { owner: owner as KubeObject, component: kind.component }
  const surplus = active.length - (owner.spec.replicas ?? 0)
  if (surplus > 0) {
    const order = deletionOrder(active, ranking)
    return order.slice(0, Math.min(surplus, burstMax)).flatMap((object) => deletion(control, object))
  }
  const whenRefused = (message: string) => {
    const status = failedStatus(owner, message, ranking.now)
    return deepEqual(status, owner.status) ? [] : [statusWrite(kind, owner, status)]
  }
  return Array.from({ length: Math.min(-surplus, burstMax) }, () => creation(control, podOf(owner, owner.spec.template), whenRefused))
}

function statusWrite({ definition }: ReplicaKind, owner: Replicated, status: Replicated['status']): PlannedWrite {
  return { verb: 'update', definition, object: { ...owner, status }, subresource: 'status' }
}
