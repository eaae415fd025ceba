// A CronJob makes a Job whenever its schedule says so. It wakes when the next one is due, and never in between.
// Upstream: pkg/controller/cronjob/cronjob_controllerv2.go
import {
  type Controller,
  deepEqual,
  defineController,
  formatTime,
  type KubeObject,
  keyOf,
  on,
  onSelf,
  type Plain,
  type Plan,
  type PlannedWrite,
} from '../../machinery/index.js'
import { type CronJob, cronJob, type Job, job as jobs, type ObjectReference } from '../../resources/index.js'
import { conditionOf, isFinished } from '../job/verdict.js'
import { controllerOf, controllerReference, defineDependents } from '../workloads/ownership.js'
import { type Told, workloadEvent } from '../workloads/pod-control.js'
import { dueSince, formatInZone, type NextTime, readSchedule } from './schedule-times.js'

const component = 'cronjob-controller'
const dependentJobs = defineDependents(jobs)

/** More missed times than this hint at a clock that is wrong. */
const missedMax = 100
/** Upstream looks a moment after the time. */
const lagMillis = 100

interface Observed {
  cronJob: CronJob
  jobs: readonly Job[]
  now: number
}

export const cronJobController: Controller<Observed> = defineController<Observed>({
  name: 'cronjob-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    onSelf(cronJob),
    on(jobs, ({ object }) => {
      const controller = controllerOf(object)
      return controller?.kind === cronJob.kind ? [{ namespace: object.metadata.namespace ?? '', name: controller.name }] : []
    }),
  ],
  observe(key, snapshot) {
    const found = snapshot.get(cronJob, key)
    return found && { cronJob: found, jobs: snapshot.find(dependentJobs.controlled, found.metadata.uid ?? ''), now: snapshot.now }
  },
  reconcile({ cronJob: stored, jobs: children, now }): Plan {
    const { status, events } = reviewed(stored, children)
    const review = events.map((event) => workloadEvent(stored, component, event))
    if (stored.metadata.deletionTimestamp !== undefined) return { writes: [...review, ...statusWrites(stored, status)] }
    const cleaning = surplus(stored, children).flatMap((each) => deletion(stored, each))
    // What starts next starts from a status that is up to date.
    if (!deepEqual(status, stored.status)) return { writes: [...review, ...statusWrites(stored, status), ...cleaning] }
    const start = stored.spec.suspend ? { writes: [] } : startDue(stored, children, now)
    return { ...start, writes: [...review, ...cleaning, ...start.writes] }
  },
})

function statusWrites(stored: CronJob, status: CronJob['status']): PlannedWrite[] {
  return deepEqual(status, stored.status) ? [] : [{ verb: 'update', definition: cronJob, object: { ...stored, status }, subresource: 'status' }]
}

/** What has become of the jobs that it knows. */
function reviewed(stored: CronJob, children: readonly Job[]): { status: CronJob['status']; events: Told[] } {
  const events: Told[] = []
  let active = stored.status.active ?? []
  let { lastSuccessfulTime } = stored.status
  for (const child of children) {
    const isListed = active.some(({ uid }) => uid === child.metadata.uid)
    const { name } = child.metadata
    if (!isListed && !isFinished(child))
      events.push({ type: 'Warning', reason: 'UnexpectedJob', message: `Saw a job that the controller did not create or forgot: ${name}` })
    if (isListed && isFinished(child)) {
      active = active.filter(({ uid }) => uid !== child.metadata.uid)
      events.push({ reason: 'SawCompletedJob', message: `Saw completed job: ${name}, condition: ${conditionOf(child, 'Complete') ? 'Complete' : 'Failed'}` })
    }
    const { completionTime } = child.status
    if (conditionOf(child, 'Complete') && completionTime && completionTime > (lastSuccessfulTime ?? '')) lastSuccessfulTime = completionTime
  }
  const there = new Set(children.map(({ metadata }) => metadata.uid))
  for (const { uid, name } of active) if (!there.has(uid)) events.push({ reason: 'MissingJob', message: `Active job went missing: ${name}` })
  const left = active.filter(({ uid }) => there.has(uid))
  const { active: _active, ...rest } = stored.status
  return { status: { ...rest, ...(left.length ? { active: left } : {}), ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}) }, events }
}

/** Finished jobs beyond those that are kept, the oldest first. */
function surplus({ spec }: CronJob, children: readonly Job[]): Job[] {
  const oldest = (list: Job[], limit: number | undefined) => {
    if (limit === undefined) return []
    const ordered = list.sort(
      (one, other) =>
        Date.parse(one.status.startTime ?? '') - Date.parse(other.status.startTime ?? '') || ((one.metadata.name ?? '') < (other.metadata.name ?? '') ? -1 : 1),
    )
    return ordered.slice(0, Math.max(0, ordered.length - limit))
  }
  const going = children.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const succeeded = going.filter((each) => conditionOf(each, 'Complete'))
  const failed = going.filter((each) => conditionOf(each, 'Failed'))
  return [...oldest(succeeded, spec.successfulJobsHistoryLimit), ...oldest(failed, spec.failedJobsHistoryLimit)]
}

function deletion(stored: CronJob, { metadata }: Job): PlannedWrite[] {
  const options = { propagationPolicy: 'Background' as const, preconditions: { uid: metadata.uid } }
  return [
    { verb: 'delete', definition: jobs, key: keyOf({ metadata }), options },
    workloadEvent(stored, component, { reason: 'SuccessfulDelete', message: `Deleted job ${metadata.name}` }),
  ]
}

function startDue(stored: CronJob, children: readonly Job[], now: number): Plan {
  const { spec, status, metadata } = stored
  const tell = (event: Told) => workloadEvent(stored, component, event)
  const next = readSchedule(spec.schedule, spec.timeZone)
  if (!next) return { writes: [tell({ type: 'Warning', reason: 'UnparseableSchedule', message: `unparseable schedule: ${JSON.stringify(spec.schedule)}` })] }
  const deadlineMillis = spec.startingDeadlineSeconds === undefined ? Number.POSITIVE_INFINITY : spec.startingDeadlineSeconds * 1000
  const since = Math.max(Date.parse(status.lastScheduleTime ?? metadata.creationTimestamp ?? ''), now - deadlineMillis)
  const { time, missed } = dueSince(next, since, now)
  const later = wake(next, now)
  if (time === undefined) return { writes: [], ...later }
  const writes: PlannedWrite[] = []
  if (missed > missedMax) {
    const message = `too many missed start times: ${missed}. Set or decrease .spec.startingDeadlineSeconds or check clock skew`
    writes.push(tell({ type: 'Warning', reason: 'TooManyMissedTimes', message }))
  }
  const active = status.active ?? []
  const name = `${metadata.name}-${Math.floor(time / 60_000)}`
  if (active.some((each) => each.name === name) || children.some((each) => each.metadata.name === name)) return { writes, ...later }
  if (active.length && spec.concurrencyPolicy === 'Forbid') {
    const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
    return { writes: [...writes, tell({ reason: 'JobAlreadyActive', message })], ...later }
  }
  const isReplacing = spec.concurrencyPolicy === 'Replace'
  if (isReplacing) writes.push(...children.filter(({ metadata: { uid } }) => active.some((each) => each.uid === uid)).flatMap((each) => deletion(stored, each)))
  writes.push(creation(stored, { name, time, kept: isReplacing ? [] : active }))
  return { writes, ...later }
}

function wake(next: NextTime, now: number): Pick<Plan, 'requeueAfterMillis'> {
  const time = next(now)
  return time === undefined ? {} : { requeueAfterMillis: time - now + lagMillis }
}

function creation(stored: CronJob, { name, time, kept }: { name: string; time: number; kept: readonly ObjectReference[] }): PlannedWrite {
  const { metadata, spec } = stored.spec.jobTemplate
  const annotations = { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': formatInZone(time, stored.spec.timeZone) }
  const { namespace } = stored.metadata
  const object: Plain = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, ...(metadata?.labels ? { labels: metadata.labels } : {}), annotations, ownerReferences: [controllerReference(stored)] },
    spec,
  }
  const whenMade = (made: KubeObject): PlannedWrite[] => {
    const { uid, resourceVersion } = made.metadata
    const reference: ObjectReference = { kind: 'Job', namespace, name, uid, apiVersion: 'batch/v1', resourceVersion }
    const status = { ...stored.status, active: [...kept, reference], lastScheduleTime: formatTime(time) }
    return [workloadEvent(stored, component, { reason: 'SuccessfulCreate', message: `Created job ${name}` }), ...statusWrites(stored, status)]
  }
  const whenRefused = (cause: string) => [
    workloadEvent(stored, component, { type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${cause}` }),
  ]
  return { verb: 'create', definition: jobs, object, whenMade, whenRefused }
}
