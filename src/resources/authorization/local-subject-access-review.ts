import { defineResource } from '../define-resource.js'
import type { LocalSubjectAccessReview } from '../shapes/authorization-v1.js'

export const localSubjectAccessReview = defineResource<LocalSubjectAccessReview>('authorization.k8s.io/v1/localsubjectaccessreviews', {})
