// Upstream: pkg/registry/apps/daemonset/strategy.go, ValidateDaemonSet, printDaemonSet
import { deepEqual, type FieldError, field, validateLabelSelector } from '../../machinery/index.js'
import { validatePodTemplate } from '../core/pod-validation.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, labelsText, selectorText } from '../printing.js'
import type { DaemonSet } from '../shapes/apps-v1.js'
import { immutable, isNone, nonNegative, refuseEmpty, templateWarnings, validateAmount, validateLongRunning, validateTemplateLabels } from '../workload.js'

const templateGeneration = 'deprecated.daemonset.template.generation'

export const daemonSet = defineResource<DaemonSet>('apps/v1/daemonsets', {
  cells: {
    Desired: ({ status }) => status.desiredNumberScheduled,
    Current: ({ status }) => status.currentNumberScheduled,
    Ready: ({ status }) => status.numberReady,
    'Up-to-date': ({ status }) => status.updatedNumberScheduled ?? 0,
    Available: ({ status }) => status.numberAvailable ?? 0,
    'Node Selector': ({ spec }) => labelsText(spec.template.spec.nodeSelector),
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
    Selector: ({ spec }) => selectorText(spec.selector),
  },
  // Conversion writes it down before anybody looks, so it has an owner.
  defaults: (draft) => countTemplates(draft, templateGenerationOf(draft)),
  prepareForCreate: (draft) => countTemplates(draft, Math.max(1, templateGenerationOf(draft))),
  prepareForUpdate(draft, old) {
    countTemplates(draft, templateGenerationOf(old) + (deepEqual(draft.spec.template, old.spec.template) ? 0 : 1))
  },
  warnings: (object, old) => templateWarnings(object, old, object.spec.template),
  validate: validateSpec,
  validateUpdate: (daemonSet, old) => [...validateSpec(daemonSet), ...immutable('spec.selector', daemonSet.spec.selector, old.spec.selector)],
})

function templateGenerationOf({ metadata }: DaemonSet): number {
  return Number(metadata.annotations?.[templateGeneration]) || 0
}

function countTemplates({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

function validateSpec({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...validateTemplateLabels(spec.selector, spec.template),
    ...(spec.selector ? refuseEmpty(spec.selector, 'daemonset') : []),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateStrategy(spec.updateStrategy),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ]
}

function validateStrategy({ type = '', rollingUpdate }: DaemonSet['spec']['updateStrategy']): FieldError[] {
  const path = 'spec.updateStrategy'
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate') return [field.notSupported(`${path}.type`, type, ['OnDelete', 'RollingUpdate'])]
  if (!rollingUpdate) return [field.required(`${path}.rollingUpdate`)]
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
  const errors = [...validateAmount(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable), ...validateAmount(`${path}.rollingUpdate.maxSurge`, maxSurge)]
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(field.invalid(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  } else if (!isNone(maxUnavailable) && !isNone(maxSurge)) {
    errors.push(field.invalid(`${path}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  }
  return errors
}
