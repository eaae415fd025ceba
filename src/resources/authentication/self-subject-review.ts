import { defineResource } from '../define-resource.js'
import type { SelfSubjectReview } from '../shapes/authentication-v1.js'

export const selfSubjectReview = defineResource<SelfSubjectReview>('authentication.k8s.io/v1/selfsubjectreviews', {})
