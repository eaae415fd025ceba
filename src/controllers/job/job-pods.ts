// The pods of a Job: how they are made, and what has become of them.
// Upstream: pkg/controller/job/job_controller.go, indexed_job_utils.go, backoff_utils.go
import { deepCopy, keyOf, type Plain, type PlannedWrite } from '../../machinery/index.js'
import { type Container, type Job, type Pod, pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { podOf } from '../workloads/pod-control.js'
import { isTerminating } from '../workloads/pod-state.js'

/** Keeps a pod until it is counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
const indexAnnotation = 'batch.kubernetes.io/job-completion-index'
const indexFailures = 'batch.kubernetes.io/job-index-failure-count'

export const isIndexed = ({ spec }: Job) => spec.completionMode === 'Indexed'
export const isTracked = ({ metadata }: Pod) => metadata.finalizers?.includes(trackingFinalizer) ?? false
export const hasSucceeded = ({ status }: Pod) => status?.phase === 'Succeeded'

/** One that is deleted before its end has failed too, unless the Job waits for the end of each. */
export function hasFailed({ spec }: Job, object: Pod): boolean {
  if (object.status?.phase === 'Failed') return true
  return spec.podReplacementPolicy !== 'Failed' && isTerminating(object) && !hasSucceeded(object)
}

export const isWindingDown = (object: Pod) => isTerminating(object) && !isTerminal(object)

const number = /^\d{1,10}$/

/** The completion index of a pod; -1 when it has none. */
export function indexOf({ metadata }: Pod): number {
  const text = metadata.annotations?.[indexAnnotation] ?? ''
  return number.test(text) ? Number(text) : -1
}

export function jobPod(job: Job): Plain {
  const object = podOf(job, job.spec.template)
  return { ...object, metadata: { ...object.metadata, finalizers: [...(object.metadata.finalizers ?? []), trackingFinalizer] } }
}

const longestHostName = 63

/** @param failures of that index so far, when they are counted for each */
export function indexedPod(job: Job, index: number, failures: number | undefined): Plain {
  const object = deepCopy(jobPod(job))
  const { metadata, spec } = object
  const text = String(index)
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  const withIndex = (container: Container) =>
    container.env?.some(({ name }) => name === variable.name) ? container : { ...container, env: [...(container.env ?? []), variable] }
  const annotations = { ...metadata.annotations, [indexAnnotation]: text, ...(failures === undefined ? {} : { [indexFailures]: String(failures) }) }
  const hostname = `${job.metadata.name?.slice(0, longestHostName - text.length - 1)}-${text}`
  return {
    ...object,
    metadata: { ...metadata, generateName: `${job.metadata.name}-${text}-`, labels: { ...metadata.labels, [indexAnnotation]: text }, annotations },
    spec: {
      ...spec,
      hostname,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndex) } : {}),
    },
  }
}

/** Lets a pod go that is counted, or that nobody will count. */
export function untrack(object: Pod): PlannedWrite {
  const patch = { metadata: { uid: object.metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } }
  return { verb: 'patch', definition: pod, key: keyOf(object), type: 'strategic', patch }
}

const backOffMillis = 10_000
const backOffMillisMax = 600_000

/**
 * How long to wait before the next pod: longer with each failure since the last success.
 * Differs: reckoned from the pods that are there, where upstream remembers.
 */
export function backOffLeft(job: Job, pods: readonly Pod[], now: number): number {
  let lastSuccess = Number.NEGATIVE_INFINITY
  for (const each of pods) if (hasSucceeded(each)) lastSuccess = Math.max(lastSuccess, endOf(each, now))
  const failures = pods
    .filter((each) => hasFailed(job, each))
    .map((each) => endOf(each, now))
    .filter((end) => end >= lastSuccess)
  if (!failures.length) return 0
  const delay = Math.min(backOffMillis * 2 ** (failures.length - 1), backOffMillisMax)
  return Math.max(0, failures.reduce((one, other) => Math.max(one, other)) + delay - now)
}

function endOf({ status, metadata }: Pod, now: number): number {
  const ends = (status?.containerStatuses ?? []).flatMap(({ state }) => (state?.terminated?.finishedAt ? [Date.parse(state.terminated.finishedAt)] : []))
  if (ends.length) return Math.max(...ends)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime
  return Date.parse(ready ?? metadata.deletionTimestamp ?? '') || now
}
