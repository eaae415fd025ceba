import { defineResource } from '../define-resource.js'
import type { SelfSubjectRulesReview } from '../shapes/authorization-v1.js'

export const selfSubjectRulesReview = defineResource<SelfSubjectRulesReview>('authorization.k8s.io/v1/selfsubjectrulesreviews', {})
