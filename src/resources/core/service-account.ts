// ServiceAccount: who a pod is to the API, and where its tokens come from.
// Upstream: pkg/registry/core/serviceaccount/strategy.go
import { defineResource } from '../define-resource.js'
import type { ServiceAccount } from '../shapes/core-v1.js'
import { serviceAccountToken } from './service-account-token.js'

const enforceMountableSecrets = 'kubernetes.io/enforce-mountable-secrets'
const enforcementWarning = `metadata.annotations[${enforceMountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`

export const serviceAccount = defineResource<ServiceAccount>('v1/serviceaccounts', {
  metadataChecks: ['change', 'whole'],
  subresourceHooks: { token: serviceAccountToken },
  prepareForCreate: keepNamesOfSecrets,
  prepareForUpdate: keepNamesOfSecrets,
  warnings(next, old) {
    const isEnforcing = ({ metadata }: ServiceAccount) => Object.hasOwn(metadata.annotations ?? {}, enforceMountableSecrets)
    return isEnforcing(next) && !(old && isEnforcing(old)) ? [enforcementWarning] : []
  },
})

/** Secrets are of the same namespace; all but the name would be misleading. */
function keepNamesOfSecrets(draft: ServiceAccount): void {
  if (draft.secrets) draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}
