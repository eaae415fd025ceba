// SelfSubjectReview: who the server takes the client for.
// Upstream: pkg/registry/authentication/selfsubjectreview/rest.go
import { formatTime } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { SelfSubjectReview } from '../shapes/authentication-v1.js'

export const selfSubjectReview = defineResource<SelfSubjectReview>('authentication.k8s.io/v1/selfsubjectreviews', {
  review: ({ kind, apiVersion }, { now, user }) => ({
    kind,
    apiVersion,
    metadata: { creationTimestamp: formatTime(now) },
    status: { userInfo: { ...user } },
  }),
})
