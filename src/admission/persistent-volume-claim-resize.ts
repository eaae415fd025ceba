// PersistentVolumeClaimResize: a claim grows only when it is bound and its storage class allows it.
// Upstream: plugin/pkg/admission/storage/persistentvolume/resize/admission.go
import { type AdmissionRequest, type AdmissionStep, compareQuantities } from '../machinery/index.js'
import { type PersistentVolumeClaim, persistentVolumeClaim, storageClass } from '../resources/index.js'
import { forbid } from './refusal.js'

const unsupported = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolumeClaimResize: AdmissionStep = {
  plugin: 'PersistentVolumeClaimResize',
  resources: [persistentVolumeClaim.key],
  operations: ['UPDATE'],
  admit(request: AdmissionRequest<PersistentVolumeClaim>) {
    const { object, old, subresource, snapshot } = request
    if (subresource || !old || compareQuantities(sizeOf(object), sizeOf(old)) <= 0) return undefined
    if (old.status?.phase !== 'Bound') return forbid(request, 'Only bound persistent volume claims can be expanded')
    const name = classOf(object)
    const allows = name && name === classOf(old) && snapshot.get(storageClass, { name })?.allowVolumeExpansion
    return allows ? undefined : forbid(request, unsupported)
  },
}

const sizeOf = ({ spec }: PersistentVolumeClaim) => spec.resources?.requests?.storage ?? '0'
const classOf = ({ metadata, spec }: PersistentVolumeClaim) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName
