// Upstream: pkg/registry/core/replicationcontroller/strategy.go, ValidateReplicationController, printReplicationController
import { type FieldError, field, matchesMap } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, labelsText } from '../printing.js'
import type { ReplicationController } from '../shapes/core-v1.js'
import { mapSelectorOf, nonNegative, scalePaths, templateWarnings, validateLongRunning } from '../workload.js'
import { validatePodTemplate } from './pod-validation.js'

export const replicationController = defineResource<ReplicationController>('v1/replicationcontrollers', {
  cells: {
    Desired: ({ spec }) => spec.replicas ?? 0,
    Current: ({ status }) => status.replicas ?? 0,
    Ready: ({ status }) => status.readyReplicas ?? 0,
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
    Selector: ({ spec }) => labelsText(spec.selector),
  },
  describeUnsupportedField: (label) => `field label not supported: ${label}`,
  scale: scalePaths(mapSelectorOf),
  defaults({ metadata, spec }) {
    const labels = spec.template?.metadata?.labels
    if (!labels) return
    if (!Object.keys(spec.selector ?? {}).length) spec.selector = { ...labels }
    if (!Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels }
  },
  warnings: (object, old) => templateWarnings(object, old, object.spec.template ?? undefined),
  validate({ spec }) {
    return [
      ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
      ...(Object.keys(spec.selector ?? {}).length ? [] : [field.required('spec.selector')]),
      ...nonNegative('spec.replicas', spec.replicas),
      ...validateTemplate(spec),
    ]
  },
})

function validateTemplate({ template, selector }: ReplicationController['spec']): FieldError[] {
  if (!template) return [field.required('spec.template')]
  const labels = template.metadata?.labels
  const errors: FieldError[] = []
  if (!matchesMap(selector, labels)) errors.push(field.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  return [...errors, ...validatePodTemplate(template, 'spec.template'), ...validateLongRunning(template, 'ReplicationController')]
}
