import { defineResource } from '../define-resource.js'
import type { ClusterRoleBinding } from '../shapes/rbac-v1.js'

export const clusterRoleBinding = defineResource<ClusterRoleBinding>('rbac.authorization.k8s.io/v1/clusterrolebindings', {})
