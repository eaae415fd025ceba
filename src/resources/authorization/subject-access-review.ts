// SubjectAccessReview: may somebody do this, anywhere.
// Upstream: pkg/registry/authorization/subjectaccessreview/rest.go
import { field, status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { SubjectAccessReview } from '../shapes/authorization-v1.js'
import { accessOf, subjectOf, validateAttributes, validateSubject } from './access-review.js'

export const subjectAccessReview = defineResource<SubjectAccessReview>('authorization.k8s.io/v1/subjectaccessreviews', {
  review(draft, context) {
    const errors = [...validateAttributes(draft.spec), ...validateSubject(draft.spec)]
    const { managedFields: _entries, ...meta } = draft.metadata
    if (Object.keys(meta).length) errors.push(field.invalid('metadata', draft.metadata, 'must be empty'))
    if (errors.length) return status.invalid({ group: 'authorization.k8s.io', resource: 'SubjectAccessReview' }, '', errors)
    return { ...draft, status: accessOf(context, subjectOf(draft.spec), draft.spec) }
  },
})
