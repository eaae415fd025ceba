import { defineResource } from '../define-resource.js'
import type { RoleBinding } from '../shapes/rbac-v1.js'

export const roleBinding = defineResource<RoleBinding>('rbac.authorization.k8s.io/v1/rolebindings', {})
