import { quote } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Job } from '../shapes/batch-v1.js'

export const job = defineResource<Job>('batch/v1/jobs', {
  describeUnsupportedField: (label) => `field label ${quote(label)} not supported for Job`,
})
