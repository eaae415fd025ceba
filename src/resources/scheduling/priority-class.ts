import { defineResource } from '../define-resource.js'
import type { PriorityClass } from '../shapes/scheduling-v1.js'

export const priorityClass = defineResource<PriorityClass>('scheduling.k8s.io/v1/priorityclasses', {})
