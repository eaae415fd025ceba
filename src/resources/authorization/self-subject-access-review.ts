// SelfSubjectAccessReview: may the client do this.
// Upstream: pkg/registry/authorization/selfsubjectaccessreview/rest.go
import { field, status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { SelfSubjectAccessReview } from '../shapes/authorization-v1.js'
import { accessOf, validateAttributes } from './access-review.js'

export const selfSubjectAccessReview = defineResource<SelfSubjectAccessReview>('authorization.k8s.io/v1/selfsubjectaccessreviews', {
  review(draft, context) {
    const errors = validateAttributes(draft.spec)
    const { managedFields: _entries, ...meta } = draft.metadata
    if (Object.keys(meta).length) errors.push(field.invalid('metadata', draft.metadata, 'must be empty'))
    if (errors.length) return status.invalid({ group: 'authorization.k8s.io', resource: 'SelfSubjectAccessReview' }, '', errors)
    return { ...draft, status: accessOf(context, context.user, draft.spec) }
  },
})
