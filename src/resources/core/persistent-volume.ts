import { defineResource } from '../define-resource.js'
import type { PersistentVolume } from '../shapes/core-v1.js'

export const persistentVolume = defineResource<PersistentVolume>('v1/persistentvolumes', {})
