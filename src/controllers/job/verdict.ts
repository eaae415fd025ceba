// Verdict: whether a Job is to end, how and why. It is said first as a target, and for good when its last pod has ended.
// Upstream: pkg/controller/job/job_controller.go syncJob
import type { Job, JobCondition, Pod } from '../../resources/index.js'
import { metSuccessRule } from './failure-policy.js'
import { isIndexed } from './job-pods.js'
import type { Tally } from './tally.js'

export interface Verdict {
  type: 'SuccessCriteriaMet' | 'FailureTarget'
  reason: string
  message: string
}

const holds = (condition: JobCondition, type: string) => condition.type === type && condition.status === 'True'

export function conditionOf({ status }: Job, type: string): JobCondition | undefined {
  return status.conditions?.find((condition) => holds(condition, type))
}

export function isFinished(job: Job): boolean {
  return conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined
}

export function presentVerdict(job: Job): Verdict | undefined {
  for (const type of ['FailureTarget', 'SuccessCriteriaMet'] as const) {
    const found = conditionOf(job, type)
    if (found) return { type, reason: found.reason ?? '', message: found.message ?? '' }
  }
  return undefined
}

export interface Evidence {
  tally: Tally
  pods: readonly Pod[]
  active: number
  now: number
}

const fail = (reason: string, message: string): Verdict => ({ type: 'FailureTarget', reason, message })
const succeed = (reason: string, message: string): Verdict => ({ type: 'SuccessCriteriaMet', reason, message })

export function verdictOn(job: Job, { tally, pods, active, now }: Evidence): Verdict | undefined {
  const { spec } = job
  const rule = isIndexed(job) ? metSuccessRule(job, tally.succeededIndexes) : -1
  if (tally.failJobMessage !== undefined) return fail('PodFailurePolicy', tally.failJobMessage)
  if (tally.failed > (spec.backoffLimit ?? 6) || hasRestartedTooOften(job, pods)) {
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  if (deadlineOf(job) <= now) return fail('DeadlineExceeded', 'Job was active longer than specified deadline')
  if (spec.maxFailedIndexes !== undefined && tally.failedIndexes.size > spec.maxFailedIndexes) {
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes')
  }
  if (rule >= 0) return succeed('SuccessPolicy', `Matched rules at index ${rule}`)
  if (tally.failedIndexes.size && tally.failedIndexes.size + tally.succeeded >= (spec.completions ?? 0)) return fail('FailedIndexes', 'Job has failed indexes')
  // Without a number of completions one success is enough, once the others have ended.
  const isReached = spec.completions === undefined ? tally.succeeded > 0 && active === 0 : tally.succeeded >= spec.completions
  return isReached ? succeed('CompletionsReached', 'Reached expected number of succeeded pods') : undefined
}

/** Pods that are restarted in place do not fail; their restarts count instead. */
function hasRestartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount
  }
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= (spec.backoffLimit ?? 6)
}

/** Milliseconds since the epoch; infinite when there is none. */
export function deadlineOf({ spec, status }: Job): number {
  if (spec.activeDeadlineSeconds === undefined || spec.suspend || !status.startTime) return Number.POSITIVE_INFINITY
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000
}
