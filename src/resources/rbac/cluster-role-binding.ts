// Upstream: pkg/registry/rbac/clusterrolebinding/strategy.go, ValidateClusterRoleBinding, printClusterRoleBinding
import { validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { subjectsText } from '../printing.js'
import type { ClusterRoleBinding } from '../shapes/rbac-v1.js'
import { validateBinding, validateSameRole } from './rules.js'

const roleKinds = ['ClusterRole']

export const clusterRoleBinding = defineResource<ClusterRoleBinding>('rbac.authorization.k8s.io/v1/clusterrolebindings', {
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
