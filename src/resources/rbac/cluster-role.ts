// Upstream: pkg/registry/rbac/clusterrole/strategy.go, ValidateClusterRole
import { type FieldError, field, validateLabelSelector, validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ClusterRole } from '../shapes/rbac-v1.js'
import { validateRules } from './rules.js'

export const clusterRole = defineResource<ClusterRole>('rbac.authorization.k8s.io/v1/clusterroles', {
  metadataChecks: ['whole', 'change'],
  validateName: validatePathSegment,
  validate: (clusterRole) => [...validateRules(clusterRole.rules, { isNamespaced: false }), ...validateAggregation(clusterRole)],
})

function validateAggregation({ aggregationRule }: ClusterRole): FieldError[] {
  if (!aggregationRule) return []
  const path = 'aggregationRule.clusterRoleSelectors'
  const { clusterRoleSelectors: selectors = [] } = aggregationRule
  if (!selectors?.length) return [field.required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, `${path}[${index}]`))
}
