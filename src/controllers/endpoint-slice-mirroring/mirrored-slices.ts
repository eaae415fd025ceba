// MirroredSlice: what a slice must be to say the same as one subset of hand-made Endpoints in one family.
// Upstream: pkg/controller/endpointslicemirroring/reconciler.go reconcile, reconciler_helpers.go, utils.go newEndpointSlice
import { type IPFamily, parseIP } from '../../machinery/index.js'
import type { Endpoint, EndpointAddress, EndpointSlice, Endpoints } from '../../resources/index.js'
import { ownerReferenceOf, slicePrefix } from '../endpoint-slice/service-slice.js'
import { managedByLabel, serviceNameLabel } from '../service-backends/indexes.js'
import { type PortSet, portSetOf } from '../service-backends/ports.js'
import { repackSubsets } from '../service-backends/subsets.js'
import { triggerTimeAnnotation } from '../service-backends/trigger-time.js'

/** What this controller's slices are managed by. */
export const mirrorManager = 'endpointslicemirroring-controller.k8s.io'

/** Of one subset. */
export const mirroredMax = 1000

export interface MirroredSlice {
  family: IPFamily
  ports: PortSet
  endpoints: Endpoint[]
}

/** What is mirrored, and how many addresses are not: because they are none, or are too many. */
export interface Mirror {
  slices: MirroredSlice[]
  invalidCount: number
  skippedCount: number
}

export function mirrorOf(endpoints: Endpoints): Mirror {
  const slices = new Map<string, MirroredSlice>()
  let [invalidCount, skippedCount] = [0, 0]
  for (const subset of repackSubsets(endpoints.subsets ?? [])) {
    const ports = portSetOf(subset.ports)
    const all = [...readyOf(subset.addresses, true), ...readyOf(subset.notReadyAddresses, false)]
    let mirrored = 0
    for (const { address, ready } of all) {
      if (mirrored === mirroredMax) break
      const ip = parseIP(address.ip)
      if (ip) {
        mirrored++
        addTo(slices, ports, ip.family, endpointOf(address, ip.text, ready))
      } else invalidCount++
    }
    skippedCount += all.length - mirrored
  }
  return { slices: [...slices.values()], invalidCount, skippedCount }
}

const readyOf = (addresses: readonly EndpointAddress[] = [], ready: boolean) => addresses.map((address) => ({ address, ready }))

function addTo(slices: Map<string, MirroredSlice>, ports: PortSet, family: IPFamily, endpoint: Endpoint): void {
  const key = keyOfSlice(family, ports)
  const slice = slices.get(key) ?? { family, ports, endpoints: [] }
  slices.set(key, slice)
  slice.endpoints.push(endpoint)
}

export function keyOfSlice(family: string, { key }: PortSet): string {
  return `${family} ${key}`
}

function endpointOf({ targetRef, nodeName, hostname }: EndpointAddress, ip: string, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
  }
}

/** The whole slice; without a name it will be given one. */
export function sliceFor(owner: Endpoints, { family, ports, endpoints }: MirroredSlice): EndpointSlice {
  const annotations = mirroredAnnotations(owner)
  const { name, namespace } = owner.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: slicePrefix(name),
      namespace,
      labels: { ...owner.metadata.labels, [serviceNameLabel]: name ?? '', [managedByLabel]: mirrorManager },
      ...(Object.keys(annotations).length ? { annotations } : {}),
      ownerReferences: [ownerReferenceOf(owner)],
    },
    addressType: family,
    endpoints,
    ports: [...ports.ports],
  }
}

const ownAnnotations = [triggerTimeAnnotation, 'kubectl.kubernetes.io/last-applied-configuration']

/** Annotations that mean something for the slice too. */
function mirroredAnnotations({ metadata }: Endpoints): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.includes(key)))
}
