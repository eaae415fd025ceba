import { defineResource } from '../define-resource.js'
import type { CSIDriver } from '../shapes/storage-v1.js'

export const csiDriver = defineResource<CSIDriver>('storage.k8s.io/v1/csidrivers', {})
