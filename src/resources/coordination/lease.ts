// Lease: who leads, and who is alive.
// Upstream: pkg/registry/coordination/lease/strategy.go, pkg/apis/coordination/validation, printLease
import { type FieldError, field } from '../../machinery/index.js'
import { nonNegative } from '../core/field-checks.js'
import { defineResource } from '../define-resource.js'
import type { Lease } from '../shapes/coordination-v1.js'

export const lease = defineResource<Lease>('coordination.k8s.io/v1/leases', {
  cells: { Holder: ({ spec }) => spec.holderIdentity ?? '' },
  takesAnyFinalizer: true,
  validate: validateLease,
})

function validateLease({ spec: { leaseDurationSeconds, leaseTransitions } }: Lease): FieldError[] {
  const errors: FieldError[] = []
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(field.invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  }
  return [...errors, ...nonNegative('spec.leaseTransitions', leaseTransitions)]
}
