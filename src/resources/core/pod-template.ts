import { defineResource } from '../define-resource.js'
import type { PodTemplate } from '../shapes/core-v1.js'

export const podTemplate = defineResource<PodTemplate>('v1/podtemplates', {})
