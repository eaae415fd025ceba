// Upstream: pkg/registry/apps/replicaset/strategy.go, ValidateReplicaSet, printReplicaSet
import type { FieldError } from '../../machinery/index.js'
import { validatePodTemplate } from '../core/pod-validation.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, selectorText } from '../printing.js'
import type { ReplicaSet } from '../shapes/apps-v1.js'
import {
  immutable,
  labelSelectorOf,
  nonNegative,
  scalePaths,
  templateWarnings,
  validateLongRunning,
  validateTemplateLabels,
  validateWorkloadSelector,
} from '../workload.js'

export const replicaSet = defineResource<ReplicaSet>('apps/v1/replicasets', {
  cells: {
    Desired: ({ spec }) => spec.replicas ?? 0,
    Current: ({ status }) => status.replicas ?? 0,
    Ready: ({ status }) => status.readyReplicas ?? 0,
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
    Selector: ({ spec }) => selectorText(spec.selector),
  },
  scale: scalePaths(labelSelectorOf),
  warnings: (object, old) => templateWarnings(object, old, object.spec.template),
  validate: validateSpec,
  validateUpdate: (replicaSet, old) => [...validateSpec(replicaSet), ...immutable('spec.selector', replicaSet.spec.selector, old.spec.selector)],
})

function validateSpec({ spec }: ReplicaSet): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateWorkloadSelector(spec.selector, { noun: 'deployment' }),
    ...validateTemplateLabels(spec.selector, spec.template),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'ReplicaSet'),
  ]
}
