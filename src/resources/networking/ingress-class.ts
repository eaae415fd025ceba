import { defineResource } from '../define-resource.js'
import type { IngressClass } from '../shapes/networking-v1.js'

export const ingressClass = defineResource<IngressClass>('networking.k8s.io/v1/ingressclasses', {
  cells: {
    Controller: ({ spec }) => spec.controller ?? '',
    Parameters: ({ spec: { parameters } }) => (parameters ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}` : '<none>'),
  },
})
