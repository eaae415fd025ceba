// Backend: a pod as the Services in front of it see it. It follows from the pod alone.
// Upstream: endpointslice/util/controller_utils.go ShouldPodBeInEndpoints, IsPodReady; endpointslice/utils.go getEndpointAddresses
import { type IPFamily, parseIP } from '../../machinery/index.js'
import type { Pod, Service } from '../../resources/index.js'

export interface Backend {
  readonly pod: Pod
  readonly name: string
  /** Canonical, in the pod's order. */
  readonly addresses: Readonly<Record<IPFamily, readonly string[]>>
  /** It has not finished and has an address. */
  readonly isEligible: boolean
  readonly isReady: boolean
  /** When the Ready condition last changed. */
  readonly readyChanged: string | undefined
  readonly isTerminating: boolean
}

// Pods are never changed, and a Service may have very many: what follows from one is worked out once.
const backends = new WeakMap<Pod, Backend>()

export function backendOf(pod: Pod): Backend {
  const known = backends.get(pod)
  if (known) return known
  const backend = readBackend(pod)
  backends.set(pod, backend)
  return backend
}

function readBackend(pod: Pod): Backend {
  const { metadata, status } = pod
  const texts = status.podIPs?.length ? status.podIPs.map(({ ip }) => ip) : status.podIP ? [status.podIP] : []
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  const isFinished = status.phase === 'Succeeded' || status.phase === 'Failed'
  return {
    pod,
    name: metadata.name ?? '',
    addresses: addressesByFamily(texts),
    isEligible: !isFinished && texts.length > 0,
    isReady: ready?.status === 'True',
    readyChanged: ready?.lastTransitionTime ?? undefined,
    isTerminating: metadata.deletionTimestamp !== undefined,
  }
}

/** A pod takes part in the names of the Service that is its subdomain. Upstream: ShouldSetHostname */
export function hostnameIn({ metadata }: Service, { pod: { spec } }: Backend): string | undefined {
  return spec.hostname && spec.subdomain === metadata.name ? spec.hostname : undefined
}

function addressesByFamily(texts: readonly string[]): Record<IPFamily, string[]> {
  const addresses: Record<IPFamily, string[]> = { IPv4: [], IPv6: [] }
  for (const text of texts) {
    const ip = parseIP(text)
    if (ip) addresses[ip.family].push(ip.text)
  }
  return addresses
}
