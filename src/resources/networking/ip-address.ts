import { defineResource } from '../define-resource.js'
import type { IPAddress } from '../shapes/networking-v1.js'

export const ipAddress = defineResource<IPAddress>('networking.k8s.io/v1/ipaddresses', {})
