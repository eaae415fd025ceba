// TokenReview: whose token is it, and whom is it meant for.
// Upstream: pkg/registry/authentication/tokenreview/storage.go
import { type ReviewContext, status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { TokenReview, TokenReviewStatus } from '../shapes/authentication-v1.js'

export const tokenReview = defineResource<TokenReview>('authentication.k8s.io/v1/tokenreviews', {
  review(draft, context) {
    const { token, audiences } = draft.spec
    if (!token) return status.badRequest('token is required for TokenReview in authentication')
    return { ...draft, status: statusOf(token, audiences ?? [], context) }
  },
})

function statusOf(token: string, audiences: string[], context: ReviewContext): TokenReviewStatus {
  const { user, audiences: accepted, error } = context.authenticate(token, audiences)
  if (!user) return { user: {}, ...(error ? { error } : {}) }
  return { authenticated: true, user: { ...user }, ...(accepted ? { audiences: accepted } : {}) }
}
