import { defineResource } from '../define-resource.js'
import type { StorageClass } from '../shapes/storage-v1.js'

export const storageClass = defineResource<StorageClass>('storage.k8s.io/v1/storageclasses', {})
