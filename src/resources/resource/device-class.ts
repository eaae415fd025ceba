import { defineResource } from '../define-resource.js'
import type { DeviceClass } from '../shapes/resource-v1.js'

export const deviceClass = defineResource<DeviceClass>('resource.k8s.io/v1/deviceclasses', {
  metadataChecks: ['whole', 'change'],
})
