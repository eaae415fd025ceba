import { defineResource } from '../define-resource.js'
import type { Namespace } from '../shapes/core-v1.js'

export const namespace = defineResource<Namespace>('v1/namespaces', {
  cells: { Status: ({ status }) => status.phase ?? '' },
  // Every namespace can be selected by its name.
  defaults({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name }
  },
})
