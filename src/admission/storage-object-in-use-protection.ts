// StorageObjectInUseProtection: volumes and claims stay while something uses them.
// Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go
import type { AdmissionStep } from '../machinery/index.js'
import { persistentVolume, persistentVolumeClaim, volumeAttributesClass } from '../resources/index.js'

const finalizerOf: Record<string, string> = {
  [persistentVolumeClaim.key]: 'kubernetes.io/pvc-protection',
  [persistentVolume.key]: 'kubernetes.io/pv-protection',
  [volumeAttributesClass.key]: 'kubernetes.io/vac-protection',
}

export const storageObjectInUseProtection: AdmissionStep = {
  plugin: 'StorageObjectInUseProtection',
  resources: Object.keys(finalizerOf),
  operations: ['CREATE'],
  admit({ definition, object: { metadata }, subresource }) {
    const finalizer = finalizerOf[definition.key]
    if (!subresource && !metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    return undefined
  },
}
