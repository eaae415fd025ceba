// Tally: who of a Job's pods has succeeded and failed, so that each is counted once, even when writing is interrupted. A pod that
// has ended goes on the list of the uncounted, then it loses its finalizer, then it becomes a number.
// Upstream: pkg/controller/job/tracking_utils.go, job_controller.go trackJobStatusAndRemoveFinalizers
import type { Job, Pod } from '../../resources/index.js'
import { judge } from './failure-policy.js'
import { formatIndexes, parseIndexes } from './index-list.js'
import { hasFailed, hasSucceeded, indexOf, isIndexed, isTracked } from './job-pods.js'

export interface Tally {
  succeeded: number
  failed: number
  /** Of an indexed Job. */
  succeededIndexes: ReadonlySet<number>
  failedIndexes: ReadonlySet<number>
  /** By index, when failures are limited for each. */
  failuresOf: ReadonlyMap<number, number>
  /** What a rule on failures says about the Job. */
  failJobMessage?: string
  /** The numbers as the status may say them now. */
  counted: { succeeded: number; failed: number }
  uncounted: { succeeded: string[]; failed: string[] }
  /** Pods that may go now. */
  done: readonly Pod[]
}

/** @param isFailing whether the Job is over and all its pods with it @param isOver whether no pod matters any more */
export function tallyOf(job: Job, pods: readonly Pod[], { isFailing, isOver }: { isFailing: boolean; isOver: boolean }): Tally {
  const listed = job.status.uncountedTerminatedPods ?? {}
  const tracked = new Map(pods.filter(isTracked).map((pod) => [pod.metadata.uid ?? '', pod]))
  const stillTracked = (uids: readonly string[] = []) => uids.filter((uid) => tracked.has(uid))
  const uncounted = { succeeded: stillTracked(listed.succeeded), failed: stillTracked(listed.failed) }
  const counted = {
    succeeded: (job.status.succeeded ?? 0) + (listed.succeeded?.length ?? 0) - uncounted.succeeded.length,
    failed: (job.status.failed ?? 0) + (listed.failed?.length ?? 0) - uncounted.failed.length,
  }
  const known = new Set([...uncounted.succeeded, ...uncounted.failed])
  const completions = job.spec.completions ?? 0
  const succeededIndexes = parseIndexes(job.status.completedIndexes, isIndexed(job) ? completions : 0)
  let failJobMessage: string | undefined
  const done: Pod[] = []
  for (const [uid, pod] of tracked) {
    const isFailed = hasFailed(job, pod)
    if (!hasSucceeded(pod) && !isFailed && !isOver) continue
    done.push(pod)
    if (known.has(uid)) continue
    if (hasSucceeded(pod)) {
      if (!isIndexed(job)) uncounted.succeeded.push(uid)
      else if (indexOf(pod) >= 0 && indexOf(pod) < completions) succeededIndexes.add(indexOf(pod))
      continue
    }
    const { action, message } = isFailed ? judge(job, pod) : { action: 'Count', message: undefined }
    if (action === 'FailJob') failJobMessage ??= message
    if (action !== 'Ignore' && (isFailed || isFailing)) uncounted.failed.push(uid)
  }
  const failuresOf = countFailures(job, pods)
  const succeeded = isIndexed(job) ? succeededIndexes.size : counted.succeeded + uncounted.succeeded.length
  return {
    succeeded,
    failed: counted.failed + uncounted.failed.length,
    succeededIndexes,
    failedIndexes: failedIndexesOf(job, { pods, failuresOf, succeededIndexes }),
    failuresOf,
    ...(failJobMessage === undefined ? {} : { failJobMessage }),
    counted: { ...counted, ...(isIndexed(job) ? { succeeded } : {}) },
    uncounted,
    done,
  }
}

/** Differs: reckoned from the failed pods that are there; upstream carries the number on from pod to pod. */
function countFailures(job: Job, pods: readonly Pod[]): Map<number, number> {
  const failures = new Map<number, number>()
  if (job.spec.backoffLimitPerIndex === undefined) return failures
  for (const pod of pods) {
    if (hasFailed(job, pod) && judge(job, pod).action !== 'Ignore') failures.set(indexOf(pod), (failures.get(indexOf(pod)) ?? 0) + 1)
  }
  return failures
}

interface Failures {
  pods: readonly Pod[]
  failuresOf: ReadonlyMap<number, number>
  succeededIndexes: ReadonlySet<number>
}

function failedIndexesOf(job: Job, { pods, failuresOf, succeededIndexes }: Failures): Set<number> {
  const { backoffLimitPerIndex, completions = 0 } = job.spec
  if (backoffLimitPerIndex === undefined) return new Set()
  const failed = parseIndexes(job.status.failedIndexes, completions)
  for (const [index, failures] of failuresOf) if (failures > backoffLimitPerIndex) failed.add(index)
  for (const pod of pods) if (hasFailed(job, pod) && judge(job, pod).action === 'FailIndex') failed.add(indexOf(pod))
  return new Set([...failed].filter((index) => index >= 0 && index < completions && !succeededIndexes.has(index)))
}

/** The members of the status that a tally fills. */
export function talliedStatus(job: Job, { counted, uncounted, succeededIndexes, failedIndexes }: Tally): Partial<Job['status']> {
  const lists = { ...(uncounted.succeeded.length ? { succeeded: uncounted.succeeded } : {}), ...(uncounted.failed.length ? { failed: uncounted.failed } : {}) }
  const completed = isIndexed(job) ? formatIndexes(succeededIndexes) : ''
  return {
    ...(counted.succeeded ? { succeeded: counted.succeeded } : {}),
    ...(counted.failed ? { failed: counted.failed } : {}),
    ...(completed ? { completedIndexes: completed } : {}),
    ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
    uncountedTerminatedPods: lists,
  }
}
