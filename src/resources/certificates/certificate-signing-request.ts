import { defineResource } from '../define-resource.js'
import type { CertificateSigningRequest } from '../shapes/certificates-v1.js'

export const certificateSigningRequest = defineResource<CertificateSigningRequest>('certificates.k8s.io/v1/certificatesigningrequests', {})
