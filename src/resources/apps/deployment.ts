import { defineResource } from '../define-resource.js'
import type { Deployment } from '../shapes/apps-v1.js'

export const deployment = defineResource<Deployment>('apps/v1/deployments', {})
