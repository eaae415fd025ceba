import { defineResource } from '../define-resource.js'
import type { APIService } from '../shapes/apiregistration-v1.js'

export const apiService = defineResource<APIService>('apiregistration.k8s.io/v1/apiservices', {})
