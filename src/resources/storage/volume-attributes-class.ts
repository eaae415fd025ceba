// Upstream: pkg/registry/storage/volumeattributesclass/strategy.go, ValidateVolumeAttributesClass, printVolumeAttributesClass
import { deepEqual, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { VolumeAttributesClass } from '../shapes/storage-v1.js'

export const volumeAttributesClass = defineResource<VolumeAttributesClass>('storage.k8s.io/v1/volumeattributesclasses', {
  metadataChecks: ['change', 'whole'],
  cells: { DriverName: ({ driverName }) => driverName },
  validate: ({ driverName, parameters }) => [
    ...(driverName ? [] : [field.required('driverName')]),
    ...(Object.keys(parameters ?? {}).length ? [] : [field.required('parameters', 'must contain at least one key/value pair')]),
  ],
  validateUpdate: (attributes, old) =>
    (['driverName', 'parameters'] as const)
      .filter((name) => !deepEqual(attributes[name], old[name]))
      .map((name) => field.forbidden(name, `updates to ${name} are forbidden.`)),
})
