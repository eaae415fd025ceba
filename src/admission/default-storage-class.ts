// DefaultStorageClass: a claim that names no class gets the default one.
// Upstream: plugin/pkg/admission/storage/storageclass/setdefault/admission.go
import type { AdmissionRequest, AdmissionStep } from '../machinery/index.js'
import { type PersistentVolumeClaim, persistentVolumeClaim, storageClass } from '../resources/index.js'
import { defaultClassOf } from './default-class.js'

const isDefault = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const defaultStorageClass: AdmissionStep = {
  plugin: 'DefaultStorageClass',
  resources: [persistentVolumeClaim.key],
  operations: ['CREATE'],
  admit({ object, subresource, snapshot }: AdmissionRequest<PersistentVolumeClaim>) {
    const { metadata, spec } = object
    // An empty class is a choice: no class at all.
    if (subresource || spec.storageClassName !== undefined || metadata.annotations?.[classAnnotation] !== undefined) return undefined
    const found = defaultClassOf(snapshot, storageClass, isDefault)
    if (found) spec.storageClassName = found.metadata.name
    return undefined
  },
}
