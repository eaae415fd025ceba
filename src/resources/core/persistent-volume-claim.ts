// Upstream: pkg/registry/core/persistentvolumeclaim/strategy.go, ValidatePersistentVolumeClaim, printPersistentVolumeClaim
import { compareQuantities, deepEqual, type FieldError, field, validateLabelSelector } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { accessModesText, storageClassText } from '../printing.js'
import type { PersistentVolumeClaim } from '../shapes/core-v1.js'
import { oneOf } from '../workload.js'

export const persistentVolumeClaim = defineResource<PersistentVolumeClaim>('v1/persistentvolumeclaims', {
  metadataChecks: ['change', 'whole'],
  cells: {
    Status: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '')),
    Volume: ({ spec }) => spec.volumeName ?? '',
    Capacity: ({ spec, status }) => (spec.volumeName ? (status.capacity?.storage ?? '0') : ''),
    'Access Modes': ({ spec, status }) => (spec.volumeName ? accessModesText(status.accessModes) : ''),
    StorageClass: storageClassText,
    VolumeAttributesClass: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    VolumeMode: ({ spec }) => spec.volumeMode ?? '<unset>',
  },
  // A source is told in an old and in a new field; one given alone says both.
  defaults({ spec }) {
    const { dataSource, dataSourceRef } = spec
    if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
    else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) spec.dataSource = { ...dataSourceRef }
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' }
  },
  validate: validateSpec,
  validateUpdate: (claim, old) => [...validateSpec(claim), ...validateChange(claim, old)],
})

const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** A volume and a claim both say how it may be mounted. */
export function validateAccessModes(given: readonly string[] | null | undefined): FieldError[] {
  if (!given?.length) return [field.required('spec.accessModes', 'at least 1 access mode is required')]
  const errors = given.flatMap((mode) => oneOf('spec.accessModes', mode, modes))
  if (given.length > 1 && given.includes('ReadWriteOncePod')) {
    errors.push(field.forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'))
  }
  return errors
}

function validateSpec({ spec }: PersistentVolumeClaim): FieldError[] {
  const size = spec.resources?.requests?.storage
  const errors = validateAccessModes(spec.accessModes)
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
  if (size === undefined) errors.push(field.required('spec.resources[storage]'))
  else if (compareQuantities(size, '0') <= 0) errors.push(field.invalid('spec.resources[storage]', size, 'must be greater than zero'))
  return [...errors, ...oneOf('spec.volumeMode', spec.volumeMode ?? '', ['Block', 'Filesystem'])]
}

const frozen = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'

function validateChange({ spec, status }: PersistentVolumeClaim, { spec: old, status: oldStatus }: PersistentVolumeClaim): FieldError[] {
  const isBound = oldStatus.phase === 'Bound'
  const mayBind = !old.volumeName && spec.volumeName
  const fixed = ({ resources, volumeName, volumeAttributesClassName, dataSource: _one, dataSourceRef: _other, ...rest }: PersistentVolumeClaim['spec']) => [
    rest,
    mayBind ? '' : volumeName,
    ...(isBound ? [] : [resources, volumeAttributesClassName]),
  ]
  if (!deepEqual(fixed(spec), fixed(old))) return [field.forbidden('spec', frozen)]
  return validateSize(spec.resources.requests?.storage, old.resources.requests?.storage, status.capacity?.storage)
}

function validateSize(size = '0', oldSize = '0', capacity = '0'): FieldError[] {
  if (compareQuantities(size, oldSize) >= 0) return []
  if (compareQuantities(size, capacity) > 0) return []
  return [field.forbidden('spec.resources.requests.storage', `field can not be less than ${capacity === '0' ? 'previous value' : 'status.capacity'}`)]
}
