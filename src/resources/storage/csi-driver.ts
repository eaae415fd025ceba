import { defineResource } from '../define-resource.js'
import type { CSIDriver } from '../shapes/storage-v1.js'

export const csiDriver = defineResource<CSIDriver>('storage.k8s.io/v1/csidrivers', {
  cells: {
    AttachRequired: ({ spec }) => spec.attachRequired ?? true,
    PodInfoOnMount: ({ spec }) => spec.podInfoOnMount ?? false,
    StorageCapacity: ({ spec }) => spec.storageCapacity ?? false,
    TokenRequests: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
    RequiresRepublish: ({ spec }) => spec.requiresRepublish ?? false,
    Modes: ({ spec }) => spec.volumeLifecycleModes?.join(',') || '<none>',
  },
})
