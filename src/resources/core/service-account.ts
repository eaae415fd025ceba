import { defineResource } from '../define-resource.js'
import type { ServiceAccount } from '../shapes/core-v1.js'

export const serviceAccount = defineResource<ServiceAccount>('v1/serviceaccounts', {})
