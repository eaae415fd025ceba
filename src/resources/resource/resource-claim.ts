import { defineResource } from '../define-resource.js'
import type { ResourceClaim } from '../shapes/resource-v1.js'

/** `pending`, or `allocated,reserved`. */
function stateText({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined
  const states = isDeleted ? ['deleted'] : []
  if (status.allocation) states.push('allocated', ...(status.reservedFor?.length ? ['reserved'] : []))
  else if (!isDeleted) states.push('pending')
  return states.join(',')
}

export const resourceClaim = defineResource<ResourceClaim>('resource.k8s.io/v1/resourceclaims', {
  metadataChecks: ['whole', 'change'],
  cells: { State: stateText },
})
