import { defineResource } from '../define-resource.js'
import type { ClusterRole } from '../shapes/rbac-v1.js'

export const clusterRole = defineResource<ClusterRole>('rbac.authorization.k8s.io/v1/clusterroles', {})
