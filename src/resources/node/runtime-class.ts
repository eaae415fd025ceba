import { defineResource } from '../define-resource.js'
import type { RuntimeClass } from '../shapes/node-v1.js'

export const runtimeClass = defineResource<RuntimeClass>('node.k8s.io/v1/runtimeclasses', {})
