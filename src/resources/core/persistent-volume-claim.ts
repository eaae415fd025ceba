import { defineResource } from '../define-resource.js'
import type { PersistentVolumeClaim } from '../shapes/core-v1.js'

export const persistentVolumeClaim = defineResource<PersistentVolumeClaim>('v1/persistentvolumeclaims', {})
