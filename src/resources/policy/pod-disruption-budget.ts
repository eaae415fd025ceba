// Upstream: pkg/registry/policy/poddisruptionbudget/strategy.go, ValidatePodDisruptionBudget, printPodDisruptionBudget
import { type FieldError, field, validateLabelSelector, validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { PodDisruptionBudget } from '../shapes/policy-v1.js'
import { oneOf, validateAmount } from '../workload.js'

export const podDisruptionBudget = defineResource<PodDisruptionBudget>('policy/v1/poddisruptionbudgets', {
  metadataChecks: [],
  takesAnyFinalizer: true,
  validateName: validatePathSegment,
  cells: {
    'Min Available': ({ spec }) => String(spec.minAvailable ?? 'N/A'),
    'Max Unavailable': ({ spec }) => String(spec.maxUnavailable ?? 'N/A'),
    'Allowed Disruptions': ({ status }) => status.disruptionsAllowed ?? 0,
  },
  validate({ spec }) {
    const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
    const errors: FieldError[] = []
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      errors.push(field.invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set'))
    }
    if (minAvailable !== undefined) errors.push(...validateAmount('spec.minAvailable', minAvailable))
    if (maxUnavailable !== undefined) errors.push(...validateAmount('spec.maxUnavailable', maxUnavailable))
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (policy !== undefined) errors.push(...oneOf('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']))
    return errors
  },
})
