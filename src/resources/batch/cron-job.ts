// Upstream: pkg/registry/batch/cronjob/strategy.go, ValidateCronJobCreate, printCronJob
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { agoOrNone, containerImages, containerNames, selectorText } from '../printing.js'
import type { CronJob } from '../shapes/batch-v1.js'
import { nonNegative, oneOf, templateWarnings } from '../workload.js'
import { parseCronSchedule } from './cron-schedule.js'
import { jobNameWarnings, validateJobSpec } from './job.js'

// Its jobs' names have eleven characters more.
const nameLengthMax = 52

export const cronJob = defineResource<CronJob>('batch/v1/cronjobs', {
  cells: {
    Schedule: ({ spec }) => spec.schedule,
    Timezone: ({ spec }) => spec.timeZone ?? '<none>',
    Suspend: ({ spec: { suspend } }) => (suspend === undefined ? '<unset>' : suspend ? 'True' : 'False'),
    Active: ({ status }) => status.active?.length ?? 0,
    'Last Schedule': ({ status }, context) => agoOrNone(status.lastScheduleTime, context),
    Containers: ({ spec }) => containerNames(spec.jobTemplate.spec.template),
    Images: ({ spec }) => containerImages(spec.jobTemplate.spec.template),
    Selector: ({ spec }) => selectorText(spec.jobTemplate.spec.selector),
  },
  warnings: (cronJob, old) => [
    ...(old ? [] : jobNameWarnings(cronJob.metadata.name ?? '')),
    ...templateWarnings(cronJob, old, cronJob.spec.jobTemplate.spec.template, 'spec.jobTemplate.spec.template'),
  ],
  validate: (cronJob) => [...validateSpec(cronJob), ...validateNameLength(cronJob)],
  validateUpdate: validateSpec,
})

function validateNameLength({ metadata: { name = '' } }: CronJob): FieldError[] {
  return name.length > nameLengthMax ? [field.invalid('metadata.name', name, `must be no more than ${nameLengthMax} characters`)] : []
}

function validateSpec({ spec }: CronJob): FieldError[] {
  return [
    ...validateSchedule(spec.schedule, spec.timeZone !== undefined),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy ?? '', ['Allow', 'Forbid', 'Replace']),
    ...validateTimeZone(spec.timeZone),
    ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
    ...validateManualSelector(spec.jobTemplate.spec.manualSelector),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function validateSchedule(schedule: string, hasTimeZone: boolean): FieldError[] {
  const path = 'spec.schedule'
  if (!schedule) return [field.required(path)]
  if (schedule.includes('TZ')) {
    const advice = hasTimeZone
      ? 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
      : 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    return [field.invalid(path, schedule, advice)]
  }
  const { error } = parseCronSchedule(schedule)
  return error === undefined ? [] : [field.invalid(path, schedule, error)]
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  if (timeZone === undefined) return []
  if (timeZone === '') return [field.invalid('spec.timeZone', timeZone, 'timeZone must be nil or non-empty string')]
  if (timeZone.toLowerCase() === 'local')
    return [field.invalid('spec.timeZone', timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
  return isTimeZone(timeZone) ? [] : [field.invalid('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)]
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function validateManualSelector(isManual: boolean | undefined): FieldError[] {
  return isManual ? [field.notSupported('spec.jobTemplate.spec.manualSelector', true, ['nil', 'false'])] : []
}
