// A StatefulSet keeps pods that are not alike: each has an ordinal, and they come and go in order.
// Upstream: pkg/controller/statefulset/stateful_set.go, stateful_set_control.go
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
import { controllerRevision, type Pod, persistentVolumeClaim, pod, type StatefulSet, statefulSet } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { scaledAmount } from '../workloads/amounts.js'
import { claim, dependentPods, ownersOf } from '../workloads/ownership.js'
import { burstMax, workloadEvent } from '../workloads/pod-control.js'
import { isTerminating, nextAvailabilityMillis } from '../workloads/pod-state.js'
import { dependentRevisions, type History, readHistory, surplusRevisions, updateRevision } from '../workloads/revisions.js'
import { firstOrdinal, isInRange, missingIdentity, ordinalOf, type Revisions, revisionNameOf, statefulPod } from './identity.js'
import { isServing, isServingLongEnough, statefulStatus } from './stateful-status.js'
import { claimOwnerUpdates, component, type FindClaim, hasStaleClaim, missingClaims } from './volume-claims.js'

/** How long until a claim that is on its way out is looked at again. */
const staleClaimMillis = 5000

interface Observed {
  set: StatefulSet
  /** By ordinal. */
  pods: ReadonlyMap<number, Pod>
  history: History
  claims: readonly PlannedWrite[]
  findClaim: FindClaim
  now: number
}

export const statefulSetController: Controller<Observed> = defineController<Observed>({
  name: 'statefulset-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    onSelf(statefulSet),
    on(pod, (change, snapshot) => ownersOf(change, snapshot, { definition: statefulSet, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) })),
    on(controllerRevision, (change, snapshot) =>
      ownersOf(change, snapshot, { definition: statefulSet, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) }),
    ),
  ],
  observe(key, snapshot) {
    const set = snapshot.get(statefulSet, key)
    if (!set) return undefined
    const selects = compileLabelSelector(set.spec.selector)
    const isMember = ({ metadata }: Pod) => selects(metadata.labels) && ordinalOf(set, metadata.name) >= 0
    const pods = claim({ owner: set, dependents: dependentPods, matches: isMember }, snapshot)
    const revisions = claim({ owner: set, dependents: dependentRevisions, matches: ({ metadata }) => selects(metadata.labels) }, snapshot)
    return {
      set,
      pods: new Map(pods.members.map((each) => [ordinalOf(set, each.metadata.name), each])),
      history: readHistory(set, revisions.members, 'controller.kubernetes.io/hash', snapshot),
      claims: [...pods.writes, ...revisions.writes],
      findClaim: (name) => snapshot.get(persistentVolumeClaim, { namespace: key.namespace, name }),
      now: snapshot.now,
    }
  },
  reconcile(observed): Plan {
    const { set, pods, history, claims, now } = observed
    if (claims.length) return { writes: [...claims] }
    const updated = updateRevision(history)
    if (!updated) return { writes: [statusWrite(set, { ...set.status, collisionCount: (set.status.collisionCount ?? 0) + 1 })] }
    const update = updated.revision
    const current = history.revisions.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update
    const step = set.metadata.deletionTimestamp === undefined ? nextStep(observed, { current, update }) : { writes: [] }
    const all = [...pods.values()]
    const status = statefulStatus(set, all, { current, update }, now)
    const writes = [...updated.writes, ...step.writes]
    if (!deepEqual(status, set.status)) writes.push(statusWrite(set, status))
    const inUse = new Set([current.metadata.name, update.metadata.name, ...all.map(revisionNameOf)])
    writes.push(...surplusRevisions(history.revisions, { limit: set.spec.revisionHistoryLimit ?? 10, isInUse: ({ metadata }) => inUse.has(metadata.name) }))
    const requeueAfterMillis = step.requeueAfterMillis ?? nextAvailabilityMillis(all, set.spec.minReadySeconds ?? 0, now)
    return { writes, ...(requeueAfterMillis === undefined ? {} : { requeueAfterMillis }) }
  },
})

function statusWrite(set: StatefulSet, status: StatefulSet['status']): PlannedWrite {
  return { verb: 'update', definition: statefulSet, object: { ...set, status }, subresource: 'status' }
}

const isOrdered = ({ spec }: StatefulSet) => spec.podManagementPolicy !== 'Parallel'

/** Fills the ranks from the lowest ordinal, then takes away from the highest, then updates from the highest. */
function nextStep(observed: Observed, revisions: Revisions): Plan {
  const filling = fill(observed, revisions)
  if (filling.isWaiting) return filling
  const shrinking = shrink(observed)
  const writes = [...filling.writes, ...shrinking.writes]
  if (shrinking.isWaiting || writes.length) return { writes }
  return { writes: update(observed, revisions) }
}

interface Step extends Plan {
  /** Whether the next ordinal has to wait for this one. */
  isWaiting: boolean
}

function fill(observed: Observed, revisions: Revisions): Step {
  const { set, pods } = observed
  const writes: PlannedWrite[] = []
  const end = firstOrdinal(set) + (set.spec.replicas ?? 0)
  let made = 0
  for (let ordinal = firstOrdinal(set); ordinal < end; ordinal++) {
    const present = pods.get(ordinal)
    const step = present ? look(observed, present, ordinal) : make(observed, ordinal, revisions)
    writes.push(...step.writes)
    if (step.isWaiting) return { ...step, writes }
    if (!present && ++made === burstMax) break
  }
  return { writes, isWaiting: false }
}

function make({ set, findClaim }: Observed, ordinal: number, revisions: Revisions): Step {
  if (hasStaleClaim(set, ordinal, findClaim)) return { writes: [], isWaiting: true, requeueAfterMillis: staleClaimMillis }
  const object = statefulPod(set, ordinal, revisions)
  const what = `create Pod ${object.metadata.name} in StatefulSet ${set.metadata.name}`
  const creation: PlannedWrite = {
    verb: 'create',
    definition: pod,
    object,
    whenMade: () => [workloadEvent(set, component, { reason: 'SuccessfulCreate', message: `${what} successful` })],
    whenRefused: (cause) => [workloadEvent(set, component, { type: 'Warning', reason: 'FailedCreate', message: `${what} failed error: ${cause}` })],
  }
  return { writes: [...missingClaims(set, ordinal, findClaim), creation], isWaiting: isOrdered(set) }
}

function look({ set, findClaim, now }: Observed, present: Pod, ordinal: number): Step {
  if (isTerminal(present)) return { writes: isTerminating(present) ? [] : replace(set, present), isWaiting: true }
  const writes = present.status?.phase === 'Pending' ? missingClaims(set, ordinal, findClaim) : []
  if (isOrdered(set) && (isTerminating(present) || !isServingLongEnough(set, present, now))) return { writes, isWaiting: true }
  const labels = missingIdentity(ordinal, present)
  if (labels) writes.push({ verb: 'patch', definition: pod, key: keyOf(present), type: 'merge', patch: { metadata: { uid: present.metadata.uid, labels } } })
  writes.push(...claimOwnerUpdates(set, present, { ordinal, isCondemned: false, find: findClaim }))
  return { writes, isWaiting: false }
}

function replace(set: StatefulSet, ended: Pod): PlannedWrite[] {
  const isFailed = ended.status?.phase === 'Failed'
  const { name, namespace } = set.metadata
  const message = `StatefulSet ${namespace}/${name} is recreating ${isFailed ? 'failed' : 'terminated'} Pod ${ended.metadata.name}`
  const reason = isFailed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod'
  return [workloadEvent(set, component, { type: isFailed ? 'Warning' : 'Normal', reason, message }), ...remove(set, ended)]
}

function remove(set: StatefulSet, object: Pod): PlannedWrite[] {
  const message = `delete Pod ${object.metadata.name} in StatefulSet ${set.metadata.name} successful`
  return [
    { verb: 'delete', definition: pod, key: keyOf(object), options: { preconditions: { uid: object.metadata.uid } } },
    workloadEvent(set, component, { reason: 'SuccessfulDelete', message }),
  ]
}

/** Pods beyond the range go, the highest ordinal first; in order one at a time, each when all before it serve. */
function shrink({ set, pods, findClaim, now }: Observed): Step {
  const condemned = [...pods].filter(([ordinal]) => !isInRange(set, ordinal)).sort(([one], [other]) => other - one)
  const lowestBroken = [...pods].sort(([one], [other]) => one - other).find(([, each]) => !isServing(each) || isTerminating(each))?.[1]
  const writes = condemned.flatMap(([ordinal, each]) => claimOwnerUpdates(set, each, { ordinal, isCondemned: true, find: findClaim }))
  for (const [, each] of condemned) {
    if (isTerminating(each)) {
      if (isOrdered(set)) return { writes, isWaiting: true }
      continue
    }
    if (isOrdered(set) && !isServingLongEnough(set, each, now) && each !== lowestBroken) return { writes, isWaiting: true }
    writes.push(...remove(set, each))
    if (isOrdered(set)) return { writes, isWaiting: true }
  }
  return { writes, isWaiting: false }
}

/** Pods of old revisions go, from the highest ordinal down to the partition; no more at a time than may be missing. */
function update({ set, pods }: Observed, revisions: Revisions): PlannedWrite[] {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type === 'OnDelete') return []
  const least = firstOrdinal(set) + (rollingUpdate?.partition ?? 0)
  const range = [...pods].filter(([ordinal]) => isInRange(set, ordinal) && ordinal >= least).sort(([one], [other]) => other - one)
  let allowed = Math.max(1, scaledAmount(rollingUpdate?.maxUnavailable ?? 1, set.spec.replicas ?? 0, 'down'))
  const writes: PlannedWrite[] = []
  for (const [, each] of range) {
    const isOutdated = revisionNameOf(each) !== revisions.update.metadata.name && !isTerminating(each)
    if (isOutdated) writes.push(...remove(set, each))
    if ((isOutdated || !isServing(each) || isTerminating(each)) && --allowed === 0) break
  }
  return writes
}
