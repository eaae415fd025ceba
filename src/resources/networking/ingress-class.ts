import { defineResource } from '../define-resource.js'
import type { IngressClass } from '../shapes/networking-v1.js'

export const ingressClass = defineResource<IngressClass>('networking.k8s.io/v1/ingressclasses', {})
