// Tokens of service accounts: signed by this server, meant for who asks, and of an account that still exists.
// Upstream: pkg/serviceaccount/{jwt,claims}.go
import type { Plain, UserInfo } from '../machinery/index.js'
import type { AuthenticateToken } from './authentication.js'
import { checkLegacyToken, type FindObject, legacyIssuer } from './legacy-tokens.js'

/** What a signature proves: the claims, or why not. `undefined`: no token of this issuer. */
export type VerifyToken = (token: string) => { claims: Plain } | { error: string } | undefined

export interface AccountSources {
  verifyToken: VerifyToken
  find: FindObject
  /** The audience that is meant by tokens that name none. */
  issuer: string
  /** Milliseconds since the epoch. */
  now(): number
}

interface Identity {
  name: string
  uid?: string
}

/** The private claims of a token. */
interface Binding {
  namespace: string
  serviceaccount: Identity
  pod?: Identity
  node?: Identity
  secret?: Identity
}

export function authenticateServiceAccounts(sources: AccountSources): AuthenticateToken {
  return (token, wanted) => {
    const verified = sources.verifyToken(token)
    if (!verified || 'error' in verified) return verified ?? {}
    const { claims } = verified
    const meantFor = claims.iss === legacyIssuer ? [sources.issuer] : audiencesOf(claims)
    const audiences = wanted.filter((each) => meantFor.includes(each))
    if (!audiences.length) return { error: `token audiences ${formatList(meantFor)} is invalid for the target audiences ${formatList(wanted)}` }
    if (claims.iss === legacyIssuer) {
      const checked = checkLegacyToken(token, claims, sources.find)
      if ('error' in checked) return checked
      const { namespace, ...user } = checked.user
      return { user: { ...user, groups: [...serviceAccountGroups(namespace), 'system:authenticated'] }, audiences }
    }
    const binding = claims['kubernetes.io'] as Binding
    const error = timeProblem(claims, sources.now()) ?? accountProblem(binding, sources) ?? boundProblem(binding, sources)
    return error ? { error } : { user: userOf(binding, claims.jti), audiences }
  }
}

const audiencesOf = ({ aud }: Plain): string[] => (Array.isArray(aud) ? aud : [String(aud)])

/** As Go prints a slice of quoted strings. */
const formatList = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`

function timeProblem({ exp, nbf }: Plain, now: number): string | undefined {
  if (now / 1000 > exp) return 'service account token has expired'
  // The clock of a test may be moved back behind the birth of a token; a second is what rounding takes.
  return now / 1000 + 1 < nbf ? 'service account token claims could not be validated due to unexpected validation error' : undefined
}

function accountProblem({ namespace, serviceaccount: { name, uid } }: Binding, { find }: AccountSources): string | undefined {
  const found = find('serviceaccounts', { namespace, name })?.metadata.uid
  if (found === undefined) return `serviceaccounts "${name}" not found`
  return found === uid ? undefined : `service account UID (${found}) does not match claim (${uid})`
}

/** A bound token ends with its pod, secret or node. A pod's node is told, not asked for. */
function boundProblem({ namespace, pod, node, secret }: Binding, { find }: AccountSources): string | undefined {
  const bound = pod
    ? { resource: 'pods', namespace, ...pod }
    : secret
      ? { resource: 'secrets', namespace, ...secret }
      : node && { resource: 'nodes', namespace: '', ...node }
  if (!bound) return undefined
  const { resource, uid } = bound
  const found = find(resource, bound)?.metadata.uid
  if (found === undefined) return 'service account token has been invalidated'
  const kind = resource.slice(0, -1)
  return found === uid ? undefined : `${kind} UID (${found}) does not match service account ${kind} ref claim (${uid})`
}

function userOf({ namespace, serviceaccount: { name, uid }, pod, node }: Binding, tokenID: unknown): UserInfo {
  const extra: Record<string, string[]> = {}
  const add = (key: string, value: unknown) => {
    if (typeof value === 'string') extra[`authentication.kubernetes.io/${key}`] = [value]
  }
  if (typeof tokenID === 'string') add('credential-id', `JTI=${tokenID}`)
  add('node-name', node?.name)
  add('node-uid', node?.uid)
  add('pod-name', pod?.name)
  add('pod-uid', pod?.uid)
  return { username: `system:serviceaccount:${namespace}:${name}`, uid, groups: [...serviceAccountGroups(namespace), 'system:authenticated'], extra }
}

export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}
