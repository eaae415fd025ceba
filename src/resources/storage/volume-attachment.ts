// Upstream: pkg/registry/storage/volumeattachment/strategy.go, ValidateVolumeAttachment, printVolumeAttachment
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { VolumeAttachment } from '../shapes/storage-v1.js'
import { immutable } from '../workload.js'

export const volumeAttachment = defineResource<VolumeAttachment>('storage.k8s.io/v1/volumeattachments', {
  metadataChecks: ['whole'],
  cells: {
    Attacher: ({ spec }) => spec.attacher,
    PV: ({ spec }) => spec.source.persistentVolumeName ?? '',
    Node: ({ spec }) => spec.nodeName,
    Attached: ({ status }) => status.attached,
  },
  validate: validateSpec,
  validateUpdate: (attachment, old) => [...validateSpec(attachment), ...immutable('spec', attachment.spec, old.spec)],
})

function validateSpec({ spec }: VolumeAttachment): FieldError[] {
  const { inlineVolumeSpec, persistentVolumeName } = spec.source
  const errors: FieldError[] = []
  if (!spec.attacher) errors.push(field.required('spec.attacher'))
  if (!inlineVolumeSpec && !persistentVolumeName)
    errors.push(field.required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  if (inlineVolumeSpec && persistentVolumeName)
    errors.push(field.forbidden('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  if (!spec.nodeName) errors.push(field.required('spec.nodeName'))
  return errors
}
