// Upstream: pkg/registry/batch/job/strategy.go, pkg/apis/batch/v1/defaults.go, ValidateJob, printJob
import {
  age,
  compileLabelSelector,
  deepEqual,
  type FieldError,
  field,
  humanDuration,
  type Labels,
  quote,
  validateDNSLabel,
  validateLabelSelector,
} from '../../machinery/index.js'
import { validatePodTemplate } from '../core/pod-validation.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, selectorText } from '../printing.js'
import type { Job, JobSpec } from '../shapes/batch-v1.js'
import { immutable, nonNegative, oneOf, templateWarnings } from '../workload.js'

const largestInt32 = 2_147_483_647

export const job = defineResource<Job>('batch/v1/jobs', {
  metadataChecks: ['whole', 'change'],
  describeUnsupportedField: (label) => `field label ${quote(label)} not supported for Job`,
  cells: {
    Status: statusText,
    Completions: completionsText,
    Duration: ({ status }, { now }) => durationText(status, now),
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
    Selector: ({ spec }) => selectorText(spec.selector),
  },
  selectableFields: { 'status.successful': ({ status }) => String(status.succeeded ?? 0) },
  defaults: fillDefaults,
  prepareForCreate: generateSelector,
  warnings: (job, old) => [...(old ? [] : jobNameWarnings(job.metadata.name ?? '')), ...templateWarnings(job, old, job.spec.template)],
  validate: (job) => [...validateJobSpec(job.spec, 'spec'), ...validateSelector(job)],
  validateUpdate: (job, old) => [...validateJobSpec(job.spec, 'spec'), ...validateSelector(job), ...validateChange(job, old)],
})

function fillDefaults({ metadata, spec }: Job): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : largestInt32
  if (isEmpty(metadata.labels) && !isEmpty(spec.template.metadata?.labels)) metadata.labels = { ...spec.template.metadata?.labels }
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
}

const isEmpty = (labels: Labels | undefined) => !Object.keys(labels ?? {}).length

/** A job finds its pods by its own uid, unless its author says how. Labels taken over from the template follow it. */
function generateSelector({ metadata, spec }: Job): void {
  if (spec.manualSelector) return
  const { uid = '', name = '' } = metadata
  const template = spec.template.metadata?.labels
  const inherits = isEmpty(metadata.labels) || deepEqual(metadata.labels, template)
  const labels = {
    ...template,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  spec.template.metadata = { ...spec.template.metadata, labels }
  if (inherits) metadata.labels = { ...labels }
  spec.selector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, 'batch.kubernetes.io/controller-uid': uid } }
}

/** Pods and their host names begin with the name. */
export function jobNameWarnings(name: string): string[] {
  const problems = validateDNSLabel(name)
  const words = 'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended'
  return problems.length ? [`${words}: [${problems.join(' ')}]`] : []
}

const statuses: [condition: string, word: string][] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
]

function statusText({ metadata, status }: Job): string {
  const holds = (condition: string) =>
    condition ? status.conditions?.some(({ type, status }) => type === condition && status === 'True') : metadata.deletionTimestamp !== undefined
  return statuses.find(([condition]) => holds(condition))?.[1] ?? 'Running'
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText({ startTime, completionTime }: Job['status'], now: number): string {
  if (!startTime) return ''
  return completionTime ? humanDuration(Date.parse(completionTime) - Date.parse(startTime)) : age(startTime, now)
}

/** @param path of the spec; a cron job has one too */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const policy = spec.template.spec.restartPolicy
  return [
    ...nonNegative(`${path}.parallelism`, spec.parallelism),
    ...nonNegative(`${path}.completions`, spec.completions),
    ...nonNegative(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds),
    ...nonNegative(`${path}.backoffLimit`, spec.backoffLimit),
    ...nonNegative(`${path}.ttlSecondsAfterFinished`, spec.ttlSecondsAfterFinished),
    ...nonNegative(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex),
    ...validateIndexing(spec, path),
    ...validatePodTemplate(spec.template, `${path}.template`),
    ...validateRestartPolicy(policy ?? '', `${path}.template.spec.restartPolicy`),
  ]
}

function validateIndexing({ completionMode, completions, backoffLimitPerIndex, maxFailedIndexes }: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (completionMode !== undefined) errors.push(...oneOf(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']))
  if (completionMode === 'Indexed' && completions === undefined) errors.push(field.required(`${path}.completions`, 'when completion mode is Indexed'))
  if (completionMode !== 'Indexed' && backoffLimitPerIndex !== undefined) {
    errors.push(field.invalid(`${path}.backoffLimitPerIndex`, backoffLimitPerIndex, 'requires indexed completion mode'))
  }
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined) {
    errors.push(field.required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  return errors
}

function validateRestartPolicy(policy: string, path: string): FieldError[] {
  if (policy === '' || policy === 'Always') return [field.required(path, 'valid values: "OnFailure", "Never"')]
  return oneOf(path, policy, ['OnFailure', 'Never'])
}

function validateSelector({ spec }: Job): FieldError[] {
  if (!spec.selector) return [field.required('spec.selector')]
  const labels = spec.template.metadata?.labels
  const errors = validateLabelSelector(spec.selector, 'spec.selector')
  if (!compileLabelSelector(spec.selector)(labels)) {
    errors.push(field.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  return errors
}

const fixed = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

function validateChange({ spec }: Job, { spec: old, status }: Job): FieldError[] {
  // An indexed job may grow and shrink with its parallelism.
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  const mayChangeTemplate = old.suspend === true && !status.startTime
  return [
    ...(isElastic ? [] : immutable('spec.completions', spec.completions, old.completions)),
    ...(mayChangeTemplate ? [] : immutable('spec.template', spec.template, old.template)),
    ...fixed.flatMap((name) => immutable(`spec.${name}`, spec[name], old[name])),
  ]
}
