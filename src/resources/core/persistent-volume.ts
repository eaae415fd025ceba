// Upstream: pkg/registry/core/persistentvolume/strategy.go, ValidatePersistentVolume, printPersistentVolume
import { type FieldError, field, formatTime } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { accessModesText, storageClassText } from '../printing.js'
import type { PersistentVolume } from '../shapes/core-v1.js'
import { oneOf } from '../workload.js'
import { validateAccessModes } from './persistent-volume-claim.js'

export const persistentVolume = defineResource<PersistentVolume>('v1/persistentvolumes', {
  metadataChecks: ['whole', 'whole'],
  cells: {
    Capacity: ({ spec }) => spec.capacity?.storage ?? '0',
    'Access Modes': ({ spec }) => accessModesText(spec.accessModes),
    'Reclaim Policy': ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    Status: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? '')),
    Claim: ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : ''),
    StorageClass: storageClassText,
    VolumeAttributesClass: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>',
    Reason: ({ status }) => status.reason ?? '',
    VolumeMode: ({ spec }) => spec.volumeMode ?? '<unset>',
  },
  prepareForCreate(draft, { now }) {
    draft.status = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) }
  },
  subresourceHooks: {
    status: {
      update({ status }, { status: old }, { now }) {
        if (status.phase !== old.phase && (!status.lastPhaseTransitionTime || status.lastPhaseTransitionTime === old.lastPhaseTransitionTime)) {
          status.lastPhaseTransitionTime = formatTime(now)
        }
        return undefined
      },
    },
  },
  validate({ spec }) {
    return [
      ...validateAccessModes(spec.accessModes),
      ...validateCapacity(spec.capacity ?? {}),
      ...oneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy ?? '', ['Delete', 'Recycle', 'Retain']),
      ...oneOf('spec.volumeMode', spec.volumeMode ?? '', ['Block', 'Filesystem']),
      ...validateSource(spec),
    ]
  },
})

function validateCapacity(capacity: Record<string, string>): FieldError[] {
  const names = Object.keys(capacity)
  if (!names.length) return [field.required('spec.capacity')]
  return names.length > 1 || names[0] !== 'storage' ? [field.notSupported('spec.capacity', capacity, ['storage'])] : []
}

const otherFields = [
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
]

function validateSource(spec: PersistentVolume['spec']): FieldError[] {
  const sources = Object.keys(spec).filter((name) => !otherFields.includes(name))
  if (!sources.length) return [field.required('spec', 'must specify a volume type')]
  return sources.slice(1).map((source) => field.forbidden(`spec.${source}`, 'may not specify more than 1 volume type'))
}
