// What a fresh cluster contains before anyone has asked for anything, in order of birth.
// Upstream: pkg/controlplane, observed on a real cluster without nodes and add-ons
import { formatTime, type KubeObject, type ResourceDefinition } from '../../machinery/index.js'
import { configMap } from '../core/config-map.js'
import { endpoints } from '../core/endpoints.js'
import { namespace } from '../core/namespace.js'
import { service } from '../core/service.js'
import { endpointSlice } from '../discovery/endpoint-slice.js'
import { ipAddress } from '../networking/ip-address.js'
import { serviceCIDR } from '../networking/service-cidr.js'
import { priorityClass } from '../scheduling/priority-class.js'
import { apiServiceObjects } from './api-services.js'
import type { BootstrapWrite } from './bootstrap-write.js'
import { priorityAndFairnessObjects } from './priority-and-fairness.js'
import { rbacObjects } from './rbac.js'

export type { BootstrapWrite } from './bootstrap-write.js'

export interface BootstrapInputs {
  /** Milliseconds since the epoch. */
  now: number
  /** One range of a family, or one of each. */
  serviceClusterIPRanges: readonly string[]
  /** The first address of the first range: where the API is found from inside. */
  kubernetesServiceIP: string
  /** Where the API really listens. */
  advertiseAddress: string
  securePort: number
  /** PEM of the authority that signs client certificates. */
  clientCA: string
}

const manager = 'kube-apiserver'
const systemNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

/** Every write that makes a fresh cluster, in order. */
export function bootstrapObjects(inputs: BootstrapInputs): BootstrapWrite[] {
  const time = formatTime(inputs.now)
  return [
    ...systemNamespaces.map((name) => own(namespace, namespaceOf(name))),
    ...apiServiceObjects(time),
    ...priorityClasses.map((object) => own(priorityClass, object)),
    ...priorityAndFairnessObjects(time),
    ...rbacObjects(),
    ...configMaps(inputs, time).map((object) => own(configMap, object)),
    ...serviceRange(inputs, time),
    ...kubernetesService(inputs),
  ]
}

// biome-ignore lint/suspicious/noExplicitAny: objects of every kind are listed here
function own(definition: ResourceDefinition<any>, object: object): BootstrapWrite {
  return { definition, object: object as KubeObject, manager }
}

function namespaceOf(name: string) {
  const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } }
  return { kind: 'Namespace', apiVersion: 'v1', metadata, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
}

const priorityClasses = [
  { name: 'system-node-critical', value: 2_000_001_000, description: 'For pods that a node cannot do without: they are never evicted.' },
  { name: 'system-cluster-critical', value: 2_000_000_000, description: 'For pods that the cluster cannot do without, though they may move.' },
].map(({ name, ...rest }) => ({
  kind: 'PriorityClass',
  apiVersion: 'scheduling.k8s.io/v1',
  metadata: { name },
  ...rest,
  preemptionPolicy: 'PreemptLowerPriority',
}))

function configMaps({ clientCA }: BootstrapInputs, time: string) {
  const configMap = (name: string, data: Record<string, string>) => ({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace: 'kube-system' },
    data,
  })
  return [
    configMap('extension-apiserver-authentication', { 'client-ca-file': clientCA }),
    configMap('kube-apiserver-legacy-service-account-token-tracking', { since: time.slice(0, 10) }),
  ]
}

/** The range of cluster IPs: made by one, protected by a second, approved by a third. */
function serviceRange({ serviceClusterIPRanges }: BootstrapInputs, lastTransitionTime: string): BootstrapWrite[] {
  const bare = { kind: 'ServiceCIDR', apiVersion: 'networking.k8s.io/v1', metadata: { name: 'kubernetes' }, spec: { cidrs: [...serviceClusterIPRanges] } }
  const kept = { ...bare, metadata: { ...bare.metadata, finalizers: ['networking.k8s.io/service-cidr-finalizer'] } }
  const ready = { type: 'Ready', status: 'True', lastTransitionTime, reason: '', message: 'Kubernetes Service CIDR is ready' }
  return [
    own(serviceCIDR, bare),
    { ...own(serviceCIDR, kept), manager: 'kube-controller-manager' },
    {
      ...own(serviceCIDR, { ...kept, status: { conditions: [ready] } }),
      manager: 'kubernetes-service-cidr-controller',
      operation: 'Apply',
      subresource: 'status',
    },
  ]
}

const isIPv6 = (address: string) => address.includes(':')

/** The Service through which pods find the API, with its address and its endpoints. */
function kubernetesService({ kubernetesServiceIP: ip, advertiseAddress, securePort }: BootstrapInputs): BootstrapWrite[] {
  const family = isIPv6(ip) ? 'IPv6' : 'IPv4'
  const name = 'kubernetes'
  const namespace = 'default'
  const port = { name: 'https', port: securePort, protocol: 'TCP' }
  return [
    own(ipAddress, {
      kind: 'IPAddress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: { name: ip, labels: { 'ipaddress.kubernetes.io/ip-family': family, 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
      spec: { parentRef: { resource: 'services', namespace, name } },
    }),
    own(service, {
      kind: 'Service',
      apiVersion: 'v1',
      metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: securePort }],
        clusterIP: ip,
        clusterIPs: [ip],
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ipFamilies: [family],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      },
      status: { loadBalancer: {} },
    }),
    own(endpoints, {
      kind: 'Endpoints',
      apiVersion: 'v1',
      metadata: { name, namespace, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [port] }],
    }),
    own(endpointSlice, {
      kind: 'EndpointSlice',
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: isIPv6(advertiseAddress) ? 'IPv6' : 'IPv4',
      endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
      ports: [port],
    }),
  ]
}
