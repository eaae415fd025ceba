import { defineResource } from '../define-resource.js'
import type { VolumeAttributesClass } from '../shapes/storage-v1.js'

export const volumeAttributesClass = defineResource<VolumeAttributesClass>('storage.k8s.io/v1/volumeattributesclasses', {})
