// May I? Upstream: pkg/registry/authorization/selfsubjectaccessreview/rest.go
import { defineResource } from '../define-resource.js'
import type { SelfSubjectAccessReview } from '../shapes/authorization-v1.js'
import { answerOf, refuseReview, validateQuestion } from './access-review.js'

export const selfSubjectAccessReview = defineResource<SelfSubjectAccessReview>('authorization.k8s.io/v1/selfsubjectaccessreviews', {
  review(draft, context) {
    const refusal = refuseReview(draft.kind, validateQuestion(draft.spec))
    return refusal ?? { ...draft, status: answerOf(context.user, draft.spec, context) }
  },
})
