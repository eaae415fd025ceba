// TokenRequest: a signed statement that its bearer is a service account, for a while and maybe as long as a pod, node or secret exists.
// Upstream: pkg/registry/core/serviceaccount/storage/token.go, pkg/serviceaccount/claims.go
import {
  type FieldError,
  field,
  formatTime,
  type KubeObject,
  type Plain,
  type ResourceDefinition,
  type Status,
  type SubresourceBehaviour,
  type SubresourceContext,
  status,
} from '../../machinery/index.js'
import type { BoundObjectReference, TokenRequest } from '../shapes/authentication-v1.js'
import type { Node, Pod, Secret, ServiceAccount } from '../shapes/core-v1.js'
import { node } from './node.js'
import { pod } from './pod.js'
import { secret } from './secret.js'

const secondsMin = 600
const secondsMax = 2 ** 32
const secondsDefault = 3600
const kind = { group: 'authentication.k8s.io', resource: 'TokenRequest' }

/** The objects a token lives with. */
interface Bound {
  pod?: Pod
  node?: KubeObject
  secret?: Secret
}

export const serviceAccountToken: SubresourceBehaviour<ServiceAccount> = {
  create(account, body: Plain, context) {
    const request = body as TokenRequest
    const refused = addresseeRefusal(account, request)
    if (refused) return { refused }
    const audiences = request.spec.audiences?.length ? request.spec.audiences : [context.issuer]
    const expirationSeconds = request.spec.expirationSeconds ?? secondsDefault
    const errors = validateExpiration(expirationSeconds)
    if (errors.length) return { refused: status.invalid(kind, '', errors) }
    const reference = request.spec.boundObjectRef
    const bound = reference ? bindTo(account, reference, context) : {}
    if ('refused' in bound) return bound
    const token = context.issueToken(claimsOf(account, { audiences, expirationSeconds, bound, context }))
    return { reply: answerOf(account, request, { audiences, expirationSeconds, token, now: context.now }) }
  },
}

function addresseeRefusal({ metadata: own }: ServiceAccount, { metadata }: TokenRequest): Status | undefined {
  const name = own.name as string
  if (metadata.name && metadata.name !== name) {
    return status.invalid(kind, name, [field.invalid('metadata.name', metadata.name, 'must match the service account name if specified')])
  }
  if (metadata.namespace && metadata.namespace !== own.namespace) {
    return status.invalid(kind, name, [field.invalid('metadata.namespace', metadata.namespace, 'must match the service account namespace if specified')])
  }
  return undefined
}

// Upstream: pkg/apis/authentication/validation/validation.go ValidateTokenRequest
function validateExpiration(seconds: number): FieldError[] {
  const at = 'spec.expirationSeconds'
  if (seconds < secondsMin) return [field.invalid(at, seconds, 'may not specify a duration less than 10 minutes')]
  return seconds > secondsMax ? [field.invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds')] : []
}

const bindable: Record<string, ResourceDefinition> = { Pod: pod, Node: node, Secret: secret }

function bindTo(account: ServiceAccount, reference: BoundObjectReference, { snapshot }: SubresourceContext): Bound | { refused: Status } {
  const { apiVersion = '', kind = '', name = '', uid } = reference
  const definition = apiVersion === 'v1' && Object.hasOwn(bindable, kind) ? bindable[kind] : undefined
  if (!definition) return { refused: status.badRequest(`cannot bind token to object of type ${formatGroupVersionKind(apiVersion, kind)}`) }
  const namespace = definition.namespaced ? account.metadata.namespace : ''
  const object = snapshot.get<KubeObject>(definition, { namespace, name })
  if (!object) return { refused: status.notFound({ group: '', resource: definition.plural }, name) }
  if (kind === 'Pod' && (object as Pod).spec.serviceAccountName !== account.metadata.name) {
    const sentence = `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`
    return { refused: status.badRequest(sentence) }
  }
  if (uid && uid !== object.metadata.uid) {
    const cause = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    return { refused: status.conflict({ group: '', resource: kind }, name, cause) }
  }
  if (kind === 'Node') return { node: object }
  if (kind === 'Secret') return { secret: object as Secret }
  const nodeName = (object as Pod).spec.nodeName
  return { pod: object as Pod, ...(nodeName ? { node: snapshot.get<Node>(node, { name: nodeName }) ?? bareNode(nodeName) } : {}) }
}

/** A pod may outlive its node: the token then carries the name alone. */
const bareNode = (name: string): KubeObject => ({ kind: 'Node', apiVersion: 'v1', metadata: { name } })

/** As Go prints a GroupVersionKind: `apps/v1, Kind=Deployment`. */
const formatGroupVersionKind = (apiVersion: string, kind: string) => `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`

interface Claims {
  audiences: string[]
  expirationSeconds: number
  bound: Bound
  context: SubresourceContext
}

/** Keys are sorted, as the issuer upstream writes them. The issuer adds its own name. */
function claimsOf({ metadata }: ServiceAccount, { audiences, expirationSeconds, bound, context }: Claims): Record<string, unknown> {
  const seconds = Math.floor(context.now / 1000)
  const { namespace, name, uid } = metadata
  return {
    aud: audiences,
    exp: seconds + expirationSeconds,
    iat: seconds,
    iss: context.issuer,
    jti: context.random.uuid(),
    'kubernetes.io': {
      namespace,
      ...(bound.node ? { node: identityOf(bound.node) } : {}),
      ...(bound.pod ? { pod: identityOf(bound.pod) } : {}),
      ...(bound.secret ? { secret: identityOf(bound.secret) } : {}),
      serviceaccount: { name, uid },
    },
    nbf: seconds,
    sub: `system:serviceaccount:${namespace}:${name}`,
  }
}

const identityOf = ({ metadata: { name, uid } }: KubeObject) => ({ name, ...(uid ? { uid } : {}) })

interface Issued {
  audiences: string[]
  expirationSeconds: number
  token: string
  now: number
}

function answerOf(
  { metadata: own }: ServiceAccount,
  { kind, apiVersion, metadata, spec }: TokenRequest,
  { audiences, expirationSeconds, token, now }: Issued,
): TokenRequest {
  return {
    kind,
    apiVersion,
    metadata: { ...metadata, name: own.name, namespace: own.namespace, creationTimestamp: formatTime(now) },
    spec: { ...spec, audiences, expirationSeconds },
    status: { token, expirationTimestamp: formatTime(now + expirationSeconds * 1000) },
  }
}
