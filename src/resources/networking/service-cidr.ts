import { defineResource } from '../define-resource.js'
import type { ServiceCIDR } from '../shapes/networking-v1.js'

export const serviceCIDR = defineResource<ServiceCIDR>('networking.k8s.io/v1/servicecidrs', {
  cells: { CIDRs: ({ spec }) => (spec.cidrs ?? []).join(',') },
})
