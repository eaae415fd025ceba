// Upstream: pkg/registry/apps/deployment/strategy.go, ValidateDeployment, printDeployment
import { type FieldError, field } from '../../machinery/index.js'
import { validatePodTemplate } from '../core/pod-validation.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames } from '../printing.js'
import type { Deployment } from '../shapes/apps-v1.js'
import {
  immutable,
  isNone,
  labelSelectorOf,
  nonNegative,
  scalePaths,
  templateWarnings,
  validateAmount,
  validateLongRunning,
  validateTemplateLabels,
  validateWorkloadSelector,
} from '../workload.js'

export const deployment = defineResource<Deployment>('apps/v1/deployments', {
  cells: {
    Ready: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    'Up-to-date': ({ status }) => status.updatedReplicas ?? 0,
    Available: ({ status }) => status.availableReplicas ?? 0,
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
    Selector: labelSelectorOf,
  },
  scale: scalePaths(labelSelectorOf),
  warnings: (object, old) => templateWarnings(object, old, object.spec.template),
  validate: validateSpec,
  validateUpdate: (deployment, old) => [...validateSpec(deployment), ...immutable('spec.selector', deployment.spec.selector, old.spec.selector)],
})

function validateSpec({ spec }: Deployment): FieldError[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateWorkloadSelector(spec.selector, { noun: 'deployment' }),
    ...validateTemplateLabels(spec.selector, spec.template),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'ReplicaSet'),
    ...validateStrategy(spec.strategy ?? {}),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...validateDeadline(spec),
  ]
}

function validateStrategy({ type = '', rollingUpdate }: Deployment['spec']['strategy'] & object): FieldError[] {
  const path = 'spec.strategy'
  if (type === 'Recreate') {
    return rollingUpdate ? [field.forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : []
  }
  if (type !== 'RollingUpdate') return [field.notSupported(`${path}.type`, type, ['Recreate', 'RollingUpdate'])]
  if (!rollingUpdate) return [field.required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const errors = [...validateAmount(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable), ...validateSurge(maxSurge)]
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(field.invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return errors
}

// More than all of them again is a fine surge.
function validateSurge(value: number | string): FieldError[] {
  return validateAmount('spec.strategy.rollingUpdate.maxSurge', value).filter(({ body }) => !body.endsWith('100%'))
}

function validateDeadline({ progressDeadlineSeconds, minReadySeconds = 0 }: Deployment['spec']): FieldError[] {
  if (progressDeadlineSeconds === undefined || progressDeadlineSeconds === null) return []
  const errors = nonNegative('spec.progressDeadlineSeconds', progressDeadlineSeconds)
  if (progressDeadlineSeconds <= minReadySeconds) {
    errors.push(field.invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}
