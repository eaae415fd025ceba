import { defineResource } from '../define-resource.js'
import type { ResourceClaimTemplate } from '../shapes/resource-v1.js'

export const resourceClaimTemplate = defineResource<ResourceClaimTemplate>('resource.k8s.io/v1/resourceclaimtemplates', {
  metadataChecks: ['whole', 'change'],
})
