import { defineResource } from '../define-resource.js'
import type { VolumeAttachment } from '../shapes/storage-v1.js'

export const volumeAttachment = defineResource<VolumeAttachment>('storage.k8s.io/v1/volumeattachments', {
  cells: {
    Attacher: ({ spec }) => spec.attacher,
    PV: ({ spec }) => spec.source.persistentVolumeName ?? '',
    Node: ({ spec }) => spec.nodeName,
    Attached: ({ status }) => status.attached,
  },
})
