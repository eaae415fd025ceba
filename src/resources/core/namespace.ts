import { defineResource } from '../define-resource.js'
import type { Namespace } from '../shapes/core-v1.js'

export const namespace = defineResource<Namespace>('v1/namespaces', {
  cells: { Status: ({ status }) => status.phase ?? '' },
})
