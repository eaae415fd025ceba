// Upstream: pkg/registry/apps/statefulset/strategy.go, ValidateStatefulSet, printStatefulSet
import { deepEqual, type FieldError, field, validateNameAsLabel } from '../../machinery/index.js'
import { validatePodTemplate } from '../core/pod-validation.js'
import { defineResource } from '../define-resource.js'
import { containerImages, containerNames } from '../printing.js'
import type { StatefulSet } from '../shapes/apps-v1.js'
import {
  labelSelectorOf,
  nonNegative,
  oneOf,
  scalePaths,
  templateWarnings,
  validateLongRunning,
  validateTemplateLabels,
  validateWorkloadSelector,
} from '../workload.js'

export const statefulSet = defineResource<StatefulSet>('apps/v1/statefulsets', {
  validateName: validateNameAsLabel,
  cells: {
    Ready: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    Containers: ({ spec }) => containerNames(spec.template),
    Images: ({ spec }) => containerImages(spec.template),
  },
  // Claims print their type although they are nested.
  defaults({ spec }) {
    for (const claim of spec.volumeClaimTemplates ?? [])
      if (!claim.apiVersion || !claim.kind) Object.assign(claim, { kind: 'PersistentVolumeClaim', apiVersion: 'v1' })
  },
  scale: scalePaths(labelSelectorOf),
  warnings: (object, old) => templateWarnings(object, old, object.spec.template),
  validate: validateSpec,
  validateUpdate: (statefulSet, old) => [...validateSpec(statefulSet), ...validateChange(statefulSet, old)],
})

function validateSpec({ spec }: StatefulSet): FieldError[] {
  return [
    ...validatePodManagement(spec.podManagementPolicy ?? ''),
    ...validateStrategy(spec.updateStrategy),
    ...validateRetention(spec.persistentVolumeClaimRetentionPolicy),
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.ordinals.start', spec.ordinals?.start),
    ...validateWorkloadSelector(spec.selector, { noun: 'statefulset' }),
    ...validateTemplateLabels(spec.selector, spec.template),
    ...validatePodTemplate(spec.template, 'spec.template'),
    ...validateLongRunning(spec.template, 'StatefulSet'),
  ]
}

function validatePodManagement(policy: string): FieldError[] {
  if (!policy) return [field.required('spec.podManagementPolicy')]
  if (policy === 'OrderedReady' || policy === 'Parallel') return []
  return [field.invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")]
}

function validateStrategy(strategy: StatefulSet['spec']['updateStrategy']): FieldError[] {
  const { type, rollingUpdate } = strategy ?? {}
  const path = 'spec.updateStrategy'
  if (type === 'RollingUpdate') return nonNegative(`${path}.rollingUpdate.partition`, rollingUpdate?.partition)
  if (!type) return [field.required(path)]
  if (type !== 'OnDelete') return [field.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'")]
  return rollingUpdate ? [field.invalid(`${path}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : []
}

function validateRetention(policy: StatefulSet['spec']['persistentVolumeClaimRetentionPolicy']): FieldError[] {
  if (!policy) return []
  const path = 'spec.persistentVolumeClaimRetentionPolicy'
  const supported = ['Retain', 'Delete']
  return [...oneOf(`${path}.whenDeleted`, policy.whenDeleted ?? '', supported), ...oneOf(`${path}.whenScaled`, policy.whenScaled ?? '', supported)]
}

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

function validateChange({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  const fixed = (one: object) => Object.fromEntries(Object.entries(one).filter(([name]) => !changeable.includes(name)))
  if (deepEqual(fixed(spec), fixed(old))) return []
  const named = changeable.map((name) => `'${name}'`)
  const last = named.pop()
  return [field.forbidden('spec', `updates to statefulset spec for fields other than ${named.join(', ')} and ${last} are forbidden`)]
}
