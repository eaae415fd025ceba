// ServiceAccount: who a pod is to the API, and where its tokens come from.
// Upstream: pkg/registry/core/serviceaccount/strategy.go
import { defineResource } from '../define-resource.js'
import type { ServiceAccount } from '../shapes/core-v1.js'
import { serviceAccountToken } from './service-account-token.js'

export const serviceAccount = defineResource<ServiceAccount>('v1/serviceaccounts', { subresourceHooks: { token: serviceAccountToken } })
