import { defineResource } from '../define-resource.js'
import type { ReplicaSet } from '../shapes/apps-v1.js'

export const replicaSet = defineResource<ReplicaSet>('apps/v1/replicasets', {})
