import { defineResource } from '../define-resource.js'
import type { Ingress } from '../shapes/networking-v1.js'

export const ingress = defineResource<Ingress>('networking.k8s.io/v1/ingresses', {})
