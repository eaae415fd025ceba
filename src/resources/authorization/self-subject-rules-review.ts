// What may I do here? Upstream: pkg/registry/authorization/selfsubjectrulesreview/rest.go
import { status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { SelfSubjectRulesReview, SubjectRulesReviewStatus } from '../shapes/authorization-v1.js'

export const selfSubjectRulesReview = defineResource<SelfSubjectRulesReview>('authorization.k8s.io/v1/selfsubjectrulesreviews', {
  review(draft, { authorize, user }) {
    const { namespace } = draft.spec
    if (!namespace) return status.badRequest('no namespace on request')
    const mayDoAll = authorize(user, { verb: '*', group: '*', resource: '*', namespace }).allowed
    return { ...draft, status: mayDoAll ? everything : unknown }
  },
})

const everything: SubjectRulesReviewStatus = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  incomplete: false,
}

// Who may not do everything is told that this list is no full answer; single questions are answered exactly.
const unknown: SubjectRulesReviewStatus = { resourceRules: [], nonResourceRules: [], incomplete: true }
