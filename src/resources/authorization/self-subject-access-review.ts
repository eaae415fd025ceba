import { defineResource } from '../define-resource.js'
import type { SelfSubjectAccessReview } from '../shapes/authorization-v1.js'

export const selfSubjectAccessReview = defineResource<SelfSubjectAccessReview>('authorization.k8s.io/v1/selfsubjectaccessreviews', {})
