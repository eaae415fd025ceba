import { defineResource } from '../define-resource.js'
import type { CSIStorageCapacity } from '../shapes/storage-v1.js'

export const csiStorageCapacity = defineResource<CSIStorageCapacity>('storage.k8s.io/v1/csistoragecapacities', {})
