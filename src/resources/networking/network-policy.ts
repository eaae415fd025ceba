import { defineResource } from '../define-resource.js'
import type { NetworkPolicy } from '../shapes/networking-v1.js'

export const networkPolicy = defineResource<NetworkPolicy>('networking.k8s.io/v1/networkpolicies', {})
