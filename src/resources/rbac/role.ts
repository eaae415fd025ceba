// Upstream: pkg/registry/rbac/role/strategy.go, ValidateRole
import { validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Role } from '../shapes/rbac-v1.js'
import { validateRules } from './rules.js'

export const role = defineResource<Role>('rbac.authorization.k8s.io/v1/roles', {
  metadataChecks: ['whole', 'change'],
  validateName: validatePathSegment,
  validate: ({ rules }) => validateRules(rules, { isNamespaced: true }),
})
