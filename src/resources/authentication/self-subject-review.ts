// Who am I? Upstream: pkg/registry/authentication/selfsubjectreview/rest.go
import { defineResource } from '../define-resource.js'
import type { SelfSubjectReview } from '../shapes/authentication-v1.js'

export const selfSubjectReview = defineResource<SelfSubjectReview>('authentication.k8s.io/v1/selfsubjectreviews', {
  review: (draft, { user }) => ({ ...draft, status: { userInfo: user } }),
})
