// May they? Upstream: pkg/registry/authorization/subjectaccessreview/rest.go
import { defineResource } from '../define-resource.js'
import type { SubjectAccessReview } from '../shapes/authorization-v1.js'
import { answerOf, refuseReview, subjectOf, validateQuestion, validateSubject } from './access-review.js'

export const subjectAccessReview = defineResource<SubjectAccessReview>('authorization.k8s.io/v1/subjectaccessreviews', {
  review(draft, context) {
    const refusal = refuseReview(draft.kind, [...validateQuestion(draft.spec), ...validateSubject(draft.spec)])
    return refusal ?? { ...draft, status: answerOf(subjectOf(draft.spec), draft.spec, context) }
  },
})
