// Tokens that Secrets hold: good for as long as the Secret holds them and the account is there, and meant for the API only.
// Upstream: pkg/serviceaccount/legacy.go
// Differs: the day of the last use is not written on the Secret: to ask who somebody is writes nothing.
import type { KubeObject, Plain, UserInfo } from '../machinery/index.js'

/** `iss` of these tokens. */
export const legacyIssuer = 'kubernetes/serviceaccount'
const prefix = 'kubernetes.io/serviceaccount'
const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

/** An object that exists, by resource: `serviceaccounts`, `pods`, `nodes`, `secrets`. */
export type FindObject = (resource: string, key: { namespace: string; name: string }) => KubeObject | undefined

export function checkLegacyToken(
  token: string,
  claims: Plain,
  find: FindObject,
): { user: Pick<UserInfo, 'username' | 'uid'> & { namespace: string } } | { error: string } {
  const [namespace, secretName, name, uid] = ['namespace', 'secret.name', 'service-account.name', 'service-account.uid'].map(
    (key) => claims[`${prefix}/${key}`],
  )
  const username = `system:serviceaccount:${namespace}:${name}`
  if (claims.sub !== username) return { error: 'sub claim is invalid' }
  const secret = find('secrets', { namespace, name: secretName })
  if (!secret || secret.metadata.deletionTimestamp) return { error: 'Token has been invalidated' }
  if ((secret as Plain).data?.token !== Buffer.from(token).toString('base64')) return { error: "Token does not match server's copy" }
  const account = find('serviceaccounts', { namespace, name })
  if (!account) return { error: `serviceaccounts "${name}" not found` }
  if (account.metadata.deletionTimestamp) return { error: `ServiceAccount ${namespace}/${name} has been deleted` }
  if (account.metadata.uid !== uid) return { error: `ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})` }
  if (secret.metadata.labels?.[invalidSince]) return { error: invalidated({ namespace, name, secretName }) }
  return { user: { username, uid, namespace } }
}

function invalidated({ namespace, name, secretName }: Record<string, string>): string {
  const where = `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid.`
  return `${where} Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`
}
