import { defineResource } from '../define-resource.js'
import type { CustomResourceDefinition } from '../shapes/apiextensions-v1.js'

export const customResourceDefinition = defineResource<CustomResourceDefinition>('apiextensions.k8s.io/v1/customresourcedefinitions', {})
