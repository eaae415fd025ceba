import { defineResource } from '../define-resource.js'
import type { TokenReview } from '../shapes/authentication-v1.js'

export const tokenReview = defineResource<TokenReview>('authentication.k8s.io/v1/tokenreviews', {})
