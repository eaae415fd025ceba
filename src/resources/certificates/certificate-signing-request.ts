// Upstream: pkg/registry/certificates/certificates/strategy.go, ValidateCertificateSigningRequestCreate, printCertificateSigningRequest
import { type FieldError, field, humanDuration, validatePathSegment } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { CertificateSigningRequest } from '../shapes/certificates-v1.js'

export const certificateSigningRequest = defineResource<CertificateSigningRequest>('certificates.k8s.io/v1/certificatesigningrequests', {
  metadataChecks: ['whole', 'change'],
  validateName: validatePathSegment,
  cells: {
    SignerName: ({ spec }) => spec.signerName || '<none>',
    Requestor: ({ spec }) => spec.username ?? '',
    RequestedDuration: ({ spec: { expirationSeconds } }) => (expirationSeconds === undefined ? '<none>' : humanDuration(expirationSeconds * 1000)),
    Condition: conditionText,
  },
  // Who asks is not for the asker to say.
  prepareForCreate({ spec }, { user }) {
    spec.username = user.username
    spec.uid = user.uid
    spec.groups = user.groups
    spec.extra = user.extra
  },
  // What was asked stays as it was; only the signer answers, in the status.
  prepareForUpdate(draft, old) {
    draft.spec = old.spec
  },
  validate: validateRequest,
  validateUpdate: () => [],
  subresourceHooks: {
    // Approving writes conditions and nothing else.
    approval: {
      update(draft, old) {
        draft.spec = old.spec
        draft.status = { ...old.status, conditions: draft.status.conditions }
        return undefined
      },
    },
  },
})

function conditionText({ status: { conditions, certificate } }: CertificateSigningRequest): string {
  const has = (wanted: string) => conditions?.some(({ type }) => type === wanted)
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  return `${decision}${has('Failed') ? ',Failed' : ''}${certificate ? ',Issued' : ''}`
}

const usages = new Set(
  'signing|digital signature|content commitment|key encipherment|key agreement|data encipherment|cert sign|crl sign|encipher only|decipher only|any|server auth|client auth|code signing|email protection|s/mime|ipsec end system|ipsec tunnel|ipsec user|timestamping|ocsp signing|microsoft sgc|netscape sgc'.split(
    '|',
  ),
)
const shortestSeconds = 600

function validateRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.request) errors.push(field.invalid('spec.request', spec.request ?? '', 'PEM block type must be CERTIFICATE REQUEST'))
  if (!spec.usages?.length) errors.push(field.required('spec.usages', 'usages must be provided'))
  spec.usages?.forEach((usage, index) => {
    if (!usages.has(usage)) errors.push(field.notSupported(`spec.usages[${index}]`, usage, [...usages].sort()))
    if (spec.usages?.indexOf(usage) !== index) errors.push(field.duplicate(`spec.usages[${index}]`, usage))
  })
  if (!spec.signerName) errors.push(field.required('spec.signerName'))
  else if (!spec.signerName.includes('/'))
    errors.push(field.invalid('spec.signerName', spec.signerName, 'must be a fully qualified domain and path of the form "example.com/signer-name"'))
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < shortestSeconds) {
    errors.push(field.invalid('spec.expirationSeconds', spec.expirationSeconds, `may not specify a duration less than ${shortestSeconds} seconds (10 minutes)`))
  }
  return errors
}
