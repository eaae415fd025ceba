// Secrets that hold a token of a service account for as long as both live: they are filled in, and go with their account.
// Upstream: pkg/controller/serviceaccount/tokens_controller.go, pkg/serviceaccount/legacy.go LegacyClaims
import { type Controller, defineController, defineIndex, keyOf, on, type Plan } from '../machinery/index.js'
import { type Secret, type ServiceAccount, secret, serviceAccount } from '../resources/index.js'

export interface AccountTokenOptions {
  /** PEM of the authority that pods are told to trust. */
  clusterCA: string
  /** Signs claims as a service account token. */
  issueToken(claims: Record<string, unknown>): string
}

/** `iss` of tokens that never end. */
const legacyIssuer = 'kubernetes/serviceaccount'
const tokenType = 'kubernetes.io/service-account-token'
const accountName = 'kubernetes.io/service-account.name'
const accountUID = 'kubernetes.io/service-account.uid'

const nameOfAccount = ({ metadata }: Secret) => metadata.annotations?.[accountName] ?? ''

const tokensOfAccount = defineIndex<Secret>({
  definition: secret,
  values: (object) => (object.type === tokenType ? [`${object.metadata.namespace}/${nameOfAccount(object)}`] : []),
})

type Observed =
  | { token: Secret; account: ServiceAccount | undefined }
  /** The Secret is gone: accounts that still name it. */
  | { goneToken: string; naming: readonly ServiceAccount[] }

export function serviceAccountTokenController({ clusterCA, issueToken }: AccountTokenOptions): Controller<Observed> {
  return defineController<Observed>({
    name: 'serviceaccount-token-controller',
    fieldManager: 'kube-controller-manager',
    username: 'system:kube-controller-manager',
    watches: [
      on(secret, ({ object }) => (object.type === tokenType ? [keyOf(object)] : [])),
      on(serviceAccount, ({ object, old, deleted }, snapshot) => {
        if (old && !deleted) return []
        return snapshot.find(tokensOfAccount, `${object.metadata.namespace}/${object.metadata.name}`).map(keyOf)
      }),
    ],
    observe({ namespace, name }, snapshot) {
      const token = snapshot.get(secret, { namespace, name })
      if (!token) {
        const isNaming = ({ secrets }: ServiceAccount) => secrets?.some((reference) => reference.name === name)
        return { goneToken: name, naming: snapshot.list(serviceAccount, { namespace }).filter(isNaming) }
      }
      if (token.type !== tokenType || !nameOfAccount(token)) return undefined
      const account = snapshot.get(serviceAccount, { namespace, name: nameOfAccount(token) })
      const uid = token.metadata.annotations?.[accountUID]
      return { token, account: uid && account?.metadata.uid !== uid ? undefined : account }
    },
    reconcile(observed): Plan {
      if ('goneToken' in observed) return { writes: observed.naming.map((account) => withoutReference(account, observed.goneToken)) }
      const { token, account } = observed
      if (!account) return { writes: [{ verb: 'delete', definition: secret, key: keyOf(token), options: { preconditions: { uid: token.metadata.uid } } }] }
      const missing = missingData(token, clusterCA)
      if (!missing) return { writes: [] }
      const data = { ...token.data, ...missing, ...(token.data?.token ? {} : { token: base64(issueToken(claimsOf(account, token))) }) }
      const annotations = { ...token.metadata.annotations, [accountName]: account.metadata.name, [accountUID]: account.metadata.uid }
      return { writes: [{ verb: 'update', definition: secret, object: { ...token, metadata: { ...token.metadata, annotations }, data } }] }
    },
  })
}

function withoutReference(account: ServiceAccount, name: string) {
  const secrets = account.secrets?.filter((reference) => reference.name !== name)
  return { verb: 'update' as const, definition: serviceAccount, object: { ...account, secrets } }
}

/** What stands beside the token; nothing when all of it, and the token, are there. */
function missingData({ data = {}, metadata }: Secret, clusterCA: string): Record<string, string> | undefined {
  const authority = base64(clusterCA)
  const missing = {
    ...(clusterCA && data['ca.crt'] !== authority ? { 'ca.crt': authority } : {}),
    ...(data.namespace ? {} : { namespace: base64(metadata.namespace as string) }),
  }
  return Object.keys(missing).length || !data.token ? missing : undefined
}

function claimsOf({ metadata }: ServiceAccount, token: Secret): Record<string, unknown> {
  const { namespace, name, uid } = metadata
  const prefix = 'kubernetes.io/serviceaccount'
  return {
    iss: legacyIssuer,
    [`${prefix}/namespace`]: namespace,
    [`${prefix}/secret.name`]: token.metadata.name,
    [`${prefix}/service-account.name`]: name,
    [`${prefix}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
