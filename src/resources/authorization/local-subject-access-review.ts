// May they, in this namespace? Upstream: pkg/registry/authorization/localsubjectaccessreview/rest.go
import { type FieldError, field, status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { LocalSubjectAccessReview } from '../shapes/authorization-v1.js'
import { answerOf, refuseReview, subjectOf, validateQuestion, validateSubject } from './access-review.js'

export const localSubjectAccessReview = defineResource<LocalSubjectAccessReview>('authorization.k8s.io/v1/localsubjectaccessreviews', {
  review(draft, context) {
    const refusal = refuseReview(draft.kind, [...validateQuestion(draft.spec), ...validateSubject(draft.spec), ...validatePlace(draft)])
    if (refusal) return refusal
    const asked = draft.spec.resourceAttributes?.namespace ?? ''
    if (asked !== context.namespace) return status.badRequest(`spec.resourceAttributes.namespace must match namespace: ${context.namespace}`)
    return { ...draft, status: answerOf(subjectOf(draft.spec), draft.spec, context) }
  },
})

function validatePlace({ spec }: LocalSubjectAccessReview): FieldError[] {
  return spec.nonResourceAttributes ? [field.invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request')] : []
}
