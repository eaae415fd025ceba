// A Job runs pods until enough of them have succeeded, or too many have failed.
// Upstream: pkg/controller/job/job_controller.go
import {
  type Controller,
  compileLabelSelector,
  deepEqual,
  defineController,
  formatTime,
  keyOf,
  matchesLabels,
  on,
  type Plan,
  type PlannedWrite,
  type Snapshot,
  type WorkKey,
} from '../../machinery/index.js'
import { isReady, type Job, job as jobs, type Pod, pod } from '../../resources/index.js'
import { type Claims, claim, controllerOf, dependentPods, ownersOf } from '../workloads/ownership.js'
import { burstMax, creation, deletion, type Told, workloadEvent } from '../workloads/pod-control.js'
import { deletionOrder } from '../workloads/pod-ranking.js'
import { isActive } from '../workloads/pod-state.js'
import { backOffLeft, indexedPod, indexOf, isIndexed, isTracked, isWindingDown, jobPod, trackingFinalizer, untrack } from './job-pods.js'
import { type Tally, talliedStatus, tallyOf } from './tally.js'
import { conditionOf, deadlineOf, isFinished, presentVerdict, type Verdict, verdictOn } from './verdict.js'

const component = 'job-controller'

/** One key is of a Job, another of a pod that still waits to be counted by a Job that is gone. */
type Observed = { job: Job; claims: Claims<Pod>; now: number } | { lost: Pod }

export const jobController: Controller<Observed> = defineController<Observed>({
  name: 'job-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    on(jobs, ({ object, deleted }, snapshot) => (deleted ? snapshot.find(dependentPods.controlled, object.metadata.uid ?? '').map(podKey) : [keyOf(object)])),
    on(pod, (change, snapshot) => {
      const keys = ownersOf(change, snapshot, { definition: jobs, selects: ({ spec }, labels) => matchesLabels(spec.selector, labels) })
      return !change.deleted && isLost(change.object, snapshot) ? [...keys, podKey(change.object)] : keys
    }),
  ],
  observe(key, snapshot) {
    if (key.resource) {
      const object = snapshot.get(pod, key)
      return object && isLost(object, snapshot) ? { lost: object } : undefined
    }
    const job = snapshot.get(jobs, key)
    if (!job || (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller')) return undefined
    const matches = compileLabelSelector(job.spec.selector)
    const claims = claim({ owner: job, dependents: dependentPods, matches: ({ metadata }) => matches(metadata.labels), finalizer: trackingFinalizer }, snapshot)
    return { job, claims, now: snapshot.now }
  },
  reconcile(observed): Plan {
    return 'lost' in observed ? { writes: [untrack(observed.lost)] } : reconcile(observed.job, observed.claims, observed.now)
  },
})

const podKey = (object: Pod): WorkKey => ({ resource: pod.key, ...keyOf(object) })

/** Whether a pod waits for a Job that will never count it. */
function isLost(object: Pod, snapshot: Snapshot): boolean {
  if (!isTracked(object)) return false
  const { namespace = '' } = object.metadata
  const controller = controllerOf(object)
  if (!controller) {
    // Nobody who stays would take it on.
    const mayAdopt = ({ metadata, spec }: Job) => metadata.deletionTimestamp === undefined && matchesLabels(spec.selector, object.metadata.labels)
    return !snapshot.list(jobs, { namespace }).some(mayAdopt)
  }
  return controller.kind === jobs.kind && snapshot.get(jobs, { namespace, name: controller.name })?.metadata.uid !== controller.uid
}

function reconcile(job: Job, claims: Claims<Pod>, now: number): Plan {
  if (claims.writes.length) return { writes: [...claims.writes] }
  const pods = claims.members
  if (isFinished(job)) return { writes: pods.filter(isTracked).map(untrack) }
  const isGoing = job.metadata.deletionTimestamp !== undefined
  const active = pods.filter(isActive)
  const before = presentVerdict(job)
  const open = tallyOf(job, pods, { isFailing: false, isOver: isGoing })
  const verdict = before ?? verdictOn(job, { tally: open, pods, active: active.length, now })
  const tally = verdict ? tallyOf(job, pods, { isFailing: verdict.type === 'FailureTarget', isOver: true }) : open
  const course =
    verdict || isGoing ? { writes: verdict ? active.flatMap((each) => deletion({ owner: job, component }, each)) : [] } : run(job, { pods, active, tally, now })
  const { status, events } = nextStatus(job, { pods, active, tally, verdict, now })
  const writes: PlannedWrite[] = []
  if (!deepEqual(status, job.status)) writes.push({ verb: 'update', definition: jobs, object: { ...job, status }, subresource: 'status' })
  writes.push(...events.map((event) => workloadEvent(job, component, event)), ...course.writes, ...tally.done.map(untrack))
  const deadline = verdict ? Number.POSITIVE_INFINITY : deadlineOf({ ...job, status }) - now
  const later = Math.min(course.requeueAfterMillis ?? Number.POSITIVE_INFINITY, deadline)
  return { writes, ...(Number.isFinite(later) ? { requeueAfterMillis: Math.max(later, 0) } : {}) }
}

interface Course {
  pods: readonly Pod[]
  active: readonly Pod[]
  tally: Tally
  now: number
}

/** Makes and deletes pods as the Job wants them to run. Upstream: manageJob */
function run(job: Job, { pods, active, tally, now }: Course): Plan {
  const control = { owner: job, component }
  const wanted = job.spec.suspend ? 0 : wantedActive(job, active.length, tally)
  if (active.length > wanted) {
    const order = deletionOrder(active, { relatives: [], now })
    return { writes: order.slice(0, Math.min(active.length - wanted, burstMax)).flatMap((each) => deletion(control, each)) }
  }
  // With this policy a pod is replaced when it has ended, not when it begins to.
  const replaced = job.spec.podReplacementPolicy === 'Failed' ? pods.filter(isWindingDown).length : 0
  const missing = Math.min(wanted - active.length - replaced, burstMax)
  if (missing <= 0) return { writes: [] }
  const wait = backOffLeft(job, pods, now)
  if (wait > 0) return { writes: [], requeueAfterMillis: wait }
  const objects = isIndexed(job)
    ? pendingIndexes(job, pods, { tally, missing }).map((index) => indexedPod(job, index, failuresOf(job, tally, index)))
    : Array.from({ length: missing }, () => jobPod(job))
  return { writes: objects.map((object) => creation(control, object)) }
}

function failuresOf({ spec }: Job, tally: Tally, index: number): number | undefined {
  return spec.backoffLimitPerIndex === undefined ? undefined : (tally.failuresOf.get(index) ?? 0)
}

function wantedActive({ spec }: Job, active: number, { succeeded, failedIndexes }: Tally): number {
  const parallelism = spec.parallelism ?? 1
  if (spec.completions === undefined) return succeeded > 0 ? Math.min(active, parallelism) : parallelism
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded - failedIndexes.size))
}

/** The lowest indexes that nobody works on. */
function pendingIndexes({ spec }: Job, pods: readonly Pod[], { tally, missing }: { tally: Tally; missing: number }): number[] {
  const busy = new Set(pods.filter((each) => isActive(each) || (spec.podReplacementPolicy === 'Failed' && isWindingDown(each))).map(indexOf))
  const pending: number[] = []
  for (let index = 0; index < (spec.completions ?? 0) && pending.length < missing; index++) {
    if (!busy.has(index) && !tally.succeededIndexes.has(index) && !tally.failedIndexes.has(index)) pending.push(index)
  }
  return pending
}

interface Findings extends Course {
  verdict: Verdict | undefined
}

function nextStatus(job: Job, { pods, active, tally, verdict, now }: Findings): { status: Job['status']; events: Told[] } {
  const events: Told[] = []
  const time = formatTime(now)
  let { startTime, conditions = [] } = job.status
  const say = (type: string, { reason, message }: Omit<Verdict, 'type'>, value = 'True') => {
    const condition = { type, status: value, lastProbeTime: time, lastTransitionTime: time, reason, message }
    conditions = [...conditions.filter((each) => each.type !== type), condition]
  }
  if (!startTime && !job.spec.suspend) startTime = time
  if (!verdict && job.spec.suspend && !conditionOf(job, 'Suspended')) {
    say('Suspended', { reason: 'JobSuspended', message: 'Job suspended' })
    events.push({ reason: 'Suspended', message: 'Job suspended' })
  } else if (!verdict && !job.spec.suspend && conditionOf(job, 'Suspended')) {
    say('Suspended', { reason: 'JobResumed', message: 'Job resumed' }, 'False')
    events.push({ reason: 'Resumed', message: 'Job resumed' })
    startTime = time
  }
  const terminating = pods.filter(isWindingDown).length
  const isOver = verdict && !active.length && !terminating && !tally.done.length
  if (verdict && !presentVerdict(job)) say(verdict.type, verdict)
  if (isOver) {
    say(verdict.type === 'FailureTarget' ? 'Failed' : 'Complete', verdict)
    events.push(
      verdict.type === 'FailureTarget'
        ? { type: 'Warning', reason: verdict.reason, message: verdict.message }
        : { reason: 'Completed', message: 'Job completed' },
    )
  }
  const status = {
    ...(conditions.length ? { conditions } : {}),
    ...(startTime ? { startTime } : {}),
    ...(isOver && verdict.type === 'SuccessCriteriaMet' ? { completionTime: time } : {}),
    ...(active.length ? { active: active.length } : {}),
    terminating,
    ready: active.filter(isReady).length,
    ...talliedStatus(job, tally),
  }
  return { status, events }
}
