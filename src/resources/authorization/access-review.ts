// What the reviews of access have in common: one question, and whether the answer is yes.
// Upstream: pkg/apis/authorization/validation, pkg/registry/authorization
import { type FieldError, field, type Plain, type ReviewContext, type Status, status, type UserInfo } from '../../machinery/index.js'
import type { SelfSubjectAccessReviewSpec, SubjectAccessReviewSpec, SubjectAccessReviewStatus } from '../shapes/authorization-v1.js'

const group = 'authorization.k8s.io'

/** The refusal of a review that asks nothing or too much, or nothing to refuse. @param kind of the review */
export function refuseReview(kind: string, errors: readonly FieldError[]): Status | undefined {
  return errors.length ? status.invalid({ group, resource: kind }, '', errors) : undefined
}

/** A review asks about a resource or about a path, never both. */
export function validateQuestion({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [field.invalid('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')]
  }
  if (resourceAttributes || nonResourceAttributes) return []
  return [field.invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]
}

export function validateSubject({ user, groups }: SubjectAccessReviewSpec): FieldError[] {
  return user || groups?.length ? [] : [field.invalid('spec.user', '', 'at least one of user or group must be specified')]
}

/** The user a review names. */
export function subjectOf({ user = '', uid, groups = [], extra }: SubjectAccessReviewSpec): UserInfo {
  return { username: user, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
}

export function answerOf(user: UserInfo, spec: SelfSubjectAccessReviewSpec, { authorize }: ReviewContext): SubjectAccessReviewStatus {
  const { allowed, reason } = authorize(user, (spec.resourceAttributes ?? spec.nonResourceAttributes ?? {}) as Plain)
  return { allowed, ...(reason ? { reason } : {}) }
}
