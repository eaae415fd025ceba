import { defineResource } from '../define-resource.js'
import type { ReplicationController } from '../shapes/core-v1.js'

export const replicationController = defineResource<ReplicationController>('v1/replicationcontrollers', {})
