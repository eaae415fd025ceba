import { defineResource } from '../define-resource.js'
import type { StatefulSet } from '../shapes/apps-v1.js'

export const statefulSet = defineResource<StatefulSet>('apps/v1/statefulsets', {})
