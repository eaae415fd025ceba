// LocalSubjectAccessReview: may somebody do this in the namespace the review is made in.
// Upstream: pkg/registry/authorization/localsubjectaccessreview/rest.go
import { type FieldError, field, status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { LocalSubjectAccessReview } from '../shapes/authorization-v1.js'
import { accessOf, subjectOf, validateAttributes, validateSubject } from './access-review.js'

export const localSubjectAccessReview = defineResource<LocalSubjectAccessReview>('authorization.k8s.io/v1/localsubjectaccessreviews', {
  review(draft, context) {
    const { namespace } = context
    const review = { ...draft, metadata: { ...draft.metadata, namespace: draft.metadata.namespace || namespace } }
    const errors = [...validateAttributes(review.spec), ...validateSubject(review.spec), ...validateLocality(review)]
    if (errors.length) return status.invalid({ group: 'authorization.k8s.io', resource: 'LocalSubjectAccessReview' }, '', errors)
    if (review.metadata.namespace !== namespace) return status.badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
    return { ...review, status: accessOf(context, subjectOf(review.spec), review.spec) }
  },
})

function validateLocality({ metadata, spec: { resourceAttributes, nonResourceAttributes } }: LocalSubjectAccessReview): FieldError[] {
  const { namespace, managedFields: _entries, ...others } = metadata
  const errors: FieldError[] = []
  if (Object.keys(others).length) errors.push(field.invalid('metadata', metadata, 'must be empty except for namespace'))
  if (resourceAttributes && (resourceAttributes.namespace ?? '') !== namespace) {
    errors.push(field.invalid('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', 'must match metadata.namespace'))
  }
  if (nonResourceAttributes) errors.push(field.invalid('spec.nonResourceAttributes', nonResourceAttributes, 'disallowed on this kind of request'))
  return errors
}
