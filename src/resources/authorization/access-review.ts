// What the three reviews of one access share: the rules of their spec, and the answer.
// Upstream: pkg/apis/authorization/validation/validation.go, pkg/registry/authorization/util/helpers.go
import { type FieldError, field, type ReviewContext, type UserInfo } from '../../machinery/index.js'
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from '../shapes/authorization-v1.js'

export function validateAttributes({ resourceAttributes, nonResourceAttributes }: SelfSubjectAccessReviewSpec): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [field.invalid('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')]
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    return [field.invalid('spec.resourceAttributes', undefined, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]
  }
  const at = 'spec.resourceAttributes'
  return [
    ...validateSelector(resourceAttributes?.fieldSelector, `${at}.fieldSelector`),
    ...validateSelector(resourceAttributes?.labelSelector, `${at}.labelSelector`),
  ]
}

function validateSelector(selector: FieldSelectorAttributes | LabelSelectorAttributes | undefined, path: string): FieldError[] {
  if (!selector) return []
  const { rawSelector, requirements } = selector
  const hasRequirements = (requirements?.length ?? 0) > 0
  if (rawSelector && hasRequirements) return [field.invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  if (rawSelector || hasRequirements) return []
  return [field.required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`)]
}

/** The rules of a spec that names its subject. */
export function validateSubject({ user, groups }: SubjectAccessReviewSpec): FieldError[] {
  return user || groups?.length ? [] : [field.invalid('spec.user', '', 'at least one of user or group must be specified')]
}

export function subjectOf({ user, groups, uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return { username: user ?? '', groups: groups ?? [], ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
}

export function accessOf(context: ReviewContext, user: UserInfo, spec: SelfSubjectAccessReviewSpec): SubjectAccessReviewStatus {
  const { resourceAttributes, nonResourceAttributes } = spec
  const { allowed, reason } = context.authorize(user, resourceAttributes ? { resourceAttributes } : { nonResourceAttributes })
  return { allowed, ...(reason ? { reason } : {}) }
}
