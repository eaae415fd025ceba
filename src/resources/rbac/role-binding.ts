// Upstream: pkg/registry/rbac/rolebinding/strategy.go, ValidateRoleBinding, printRoleBinding
import { validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { subjectsText } from '../printing.js'
import type { RoleBinding } from '../shapes/rbac-v1.js'
import { validateBinding, validateSameRole } from './rules.js'

const roleKinds = ['ClusterRole', 'Role']

export const roleBinding = defineResource<RoleBinding>('rbac.authorization.k8s.io/v1/rolebindings', {
  metadataChecks: ['whole', 'change'],
  cells: {
    Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
    Users: ({ subjects }) => subjectsText(subjects, 'User'),
    Groups: ({ subjects }) => subjectsText(subjects, 'Group'),
    ServiceAccounts: ({ subjects }) => subjectsText(subjects, 'ServiceAccount'),
  },
  validateName: validatePathSegment,
  validate: (binding) => validateBinding(binding, roleKinds),
  validateUpdate: (binding, old) => [...validateBinding(binding, roleKinds), ...validateSameRole(binding, old)],
})
