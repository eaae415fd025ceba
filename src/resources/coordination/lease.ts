import { defineResource } from '../define-resource.js'
import type { Lease } from '../shapes/coordination-v1.js'

export const lease = defineResource<Lease>('coordination.k8s.io/v1/leases', {
  cells: { Holder: ({ spec }) => spec.holderIdentity ?? '' },
})
