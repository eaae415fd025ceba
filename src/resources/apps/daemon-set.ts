import { defineResource } from '../define-resource.js'
import type { DaemonSet } from '../shapes/apps-v1.js'

export const daemonSet = defineResource<DaemonSet>('apps/v1/daemonsets', {})
