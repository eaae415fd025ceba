// ServiceAccount: every pod runs as somebody, and finds that somebody's token in a volume.
// Upstream: plugin/pkg/admission/serviceaccount/admission.go
import { type Admission, type AdmissionRequest, type AdmissionStep, type Random, randomSuffix } from '../machinery/index.js'
import { type Container, namespace as namespaceDefinition, type Pod, pod, type ServiceAccount, serviceAccount, type Volume } from '../resources/index.js'
import { forbid } from './refusal.js'

const mirrorAnnotation = 'kubernetes.io/config.mirror'
const volumePrefix = 'kube-api-access-'
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'

// An hour and seven seconds: the extra seconds tell these tokens from those asked for.
const tokenExpirationSeconds = 3607

// Creation times have whole seconds, so that this is two at least.
const newNamespaceMillis = 3000

export const serviceAccountStep: AdmissionStep = {
  plugin: 'ServiceAccount',
  resources: [pod.key],
  operations: ['CREATE'],
  admit(request: AdmissionRequest<Pod>) {
    if (request.subresource) return undefined
    return request.object.metadata.annotations?.[mirrorAnnotation] === undefined ? admitPod(request) : admitMirrorPod(request)
  },
}

function admitPod(request: AdmissionRequest<Pod>): Admission {
  const { object, namespace, snapshot } = request
  const { spec } = object
  const name = spec.serviceAccountName || spec.serviceAccount || 'default'
  spec.serviceAccountName = spec.serviceAccount = name
  const account = snapshot.get(serviceAccount, { namespace, name }) ?? accountToCome(request, name)
  if (!account) return forbid(request, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`)
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(object, request.random)
  if (!spec.imagePullSecrets?.length) usePullSecrets(object, account)
  return undefined
}

/**
 * The default account of a namespace that is just being made.
 * Differs: upstream waits a moment for the controller that makes it; a step cannot wait, so it takes the account as made.
 */
function accountToCome(
  { namespace, snapshot }: AdmissionRequest<Pod>,
  name: string,
): Pick<ServiceAccount, 'automountServiceAccountToken' | 'imagePullSecrets'> | undefined {
  const created = name === 'default' ? snapshot.get(namespaceDefinition, { name: namespace })?.metadata.creationTimestamp : undefined
  return created !== undefined && snapshot.now - Date.parse(created) < newNamespaceMillis ? {} : undefined
}

function usePullSecrets({ spec }: Pod, { imagePullSecrets = [] }: Pick<ServiceAccount, 'imagePullSecrets'>): void {
  if (imagePullSecrets.length) spec.imagePullSecrets = imagePullSecrets.map((reference) => ({ ...reference }))
}

/** Mounts the token into every container that has nothing else at that path. */
function mountToken({ spec }: Pod, random: Random): void {
  const present = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))
  const bare = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter((container) => !hasMount(container))
  const name = present?.name ?? `${volumePrefix}${randomSuffix(random)}`
  for (const container of bare) container.volumeMounts = (container.volumeMounts ?? []).concat({ name, readOnly: true, mountPath })
  if (bare.length && !present) spec.volumes = (spec.volumes ?? []).concat(tokenVolume(name))
}

function hasMount({ volumeMounts }: Container): boolean {
  return volumeMounts?.some((mount) => mount.mountPath === mountPath) ?? false
}

function tokenVolume(name: string): Volume {
  const certificate = { key: 'ca.crt', path: 'ca.crt' }
  const namespace = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }
  const sources = [
    { serviceAccountToken: { expirationSeconds: tokenExpirationSeconds, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [certificate] } },
    { downwardAPI: { items: [namespace] } },
  ]
  return { name, projected: { sources, defaultMode: 0o644 } }
}

// A mirror pod shows what a kubelet runs on its own; it may not lay hands on what the API keeps.
function admitMirrorPod(request: AdmissionRequest<Pod>): Admission {
  const { spec } = request.object
  if (spec.serviceAccountName) return forbid(request, 'a mirror pod may not reference service accounts')
  const volumes = spec.volumes ?? []
  if (volumes.some(({ secret }) => secret) || spec.imagePullSecrets?.length || usesSecretsInEnv(spec.containers ?? [])) {
    return forbid(request, 'a mirror pod may not reference secrets')
  }
  const projectsToken = volumes.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken))
  return projectsToken ? forbid(request, 'a mirror pod may not use ServiceAccountToken volume projections') : undefined
}

function usesSecretsInEnv(containers: readonly Container[]): boolean {
  return containers.some(({ env, envFrom }) => env?.some(({ valueFrom }) => valueFrom?.secretKeyRef) || envFrom?.some(({ secretRef }) => secretRef))
}
