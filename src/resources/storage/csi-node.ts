import { defineResource } from '../define-resource.js'
import type { CSINode } from '../shapes/storage-v1.js'

export const csiNode = defineResource<CSINode>('storage.k8s.io/v1/csinodes', {
  metadataChecks: ['whole', 'whole'],
  cells: { Drivers: ({ spec }) => spec.drivers?.length ?? 0 },
})
