// Whose token is this? Upstream: pkg/registry/authentication/tokenreview/storage.go
import { status } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { TokenReview, TokenReviewStatus } from '../shapes/authentication-v1.js'

export const tokenReview = defineResource<TokenReview>('authentication.k8s.io/v1/tokenreviews', {
  review(draft, { authenticate }) {
    const { token, audiences: wanted = [] } = draft.spec
    if (!token) return status.badRequest('token is required for TokenReview in authentication')
    const { user, audiences, error } = authenticate(token, wanted)
    const answer: TokenReviewStatus = user ? { authenticated: true, user, audiences } : { user: {}, error }
    return { ...draft, status: answer }
  },
})
