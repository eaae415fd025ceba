import { defineResource } from '../define-resource.js'
import type { CronJob } from '../shapes/batch-v1.js'

export const cronJob = defineResource<CronJob>('batch/v1/cronjobs', {})
