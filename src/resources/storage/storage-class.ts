// Upstream: pkg/registry/storage/storageclass/strategy.go, ValidateStorageClass, printStorageClass
import { deepEqual, type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { classNameText } from '../printing.js'
import type { StorageClass } from '../shapes/storage-v1.js'
import { immutable, oneOf } from '../workload.js'

export const storageClass = defineResource<StorageClass>('storage.k8s.io/v1/storageclasses', {
  metadataChecks: ['whole', 'change'],
  cells: {
    Name: classNameText,
    Provisioner: ({ provisioner }) => provisioner,
    ReclaimPolicy: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete',
    VolumeBindingMode: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  },
  validate: validateClass,
  validateUpdate: (storageClass, old) => [...validateClass(storageClass), ...validateChange(storageClass, old)],
})

function validateClass({ provisioner, reclaimPolicy = '', volumeBindingMode = '' }: StorageClass): FieldError[] {
  return [
    ...(provisioner ? [] : [field.required('provisioner')]),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ]
}

const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const

function validateChange(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const changed = fixed.filter((name) => !deepEqual(storageClass[name], old[name]))
  return [
    ...changed.map((name) => field.forbidden(name, `updates to ${name} are forbidden.`)),
    ...immutable('volumeBindingMode', storageClass.volumeBindingMode, old.volumeBindingMode),
  ]
}
