import { defineResource } from '../define-resource.js'
import type { Role } from '../shapes/rbac-v1.js'

export const role = defineResource<Role>('rbac.authorization.k8s.io/v1/roles', {})
