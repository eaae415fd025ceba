// Upstream: pkg/registry/storage/csistoragecapacity/strategy.go, ValidateCSIStorageCapacity
import { field, validateLabelSelector } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { CSIStorageCapacity } from '../shapes/storage-v1.js'
import { immutable } from '../workload.js'

export const csiStorageCapacity = defineResource<CSIStorageCapacity>('storage.k8s.io/v1/csistoragecapacities', {
  metadataChecks: ['whole', 'change'],
  validate: ({ storageClassName, nodeTopology }) => [
    ...(storageClassName ? [] : [field.required('storageClassName')]),
    ...(nodeTopology ? validateLabelSelector(nodeTopology, 'nodeTopology') : []),
  ],
  validateUpdate: (capacity, old) => [
    ...immutable('nodeTopology', capacity.nodeTopology, old.nodeTopology),
    ...immutable('storageClassName', capacity.storageClassName, old.storageClassName),
  ],
})
