import { defineResource } from '../define-resource.js'
import type { ComponentStatus } from '../shapes/core-v1.js'

export const componentStatus = defineResource<ComponentStatus>('v1/componentstatuses', {})
