import { defineResource } from '../define-resource.js'
import type { SubjectAccessReview } from '../shapes/authorization-v1.js'

export const subjectAccessReview = defineResource<SubjectAccessReview>('authorization.k8s.io/v1/subjectaccessreviews', {})
