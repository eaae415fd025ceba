// The slices of a Service: whose they are, what they are labelled with, and how a new one begins.
// Upstream: endpointslice/utils.go newEndpointSlice, setEndpointSliceLabels, ownedBy, isServiceIPSet
import { type Change, deepEqual, type IPFamily, type ObjectKey, type OwnerReference } from '../../machinery/index.js'
import type { Endpoint, EndpointSlice, Service } from '../../resources/index.js'
import { headlessLabel, isHeadless } from '../service-backends/headless.js'
import { managedByLabel, serviceNameLabel } from '../service-backends/indexes.js'
import type { PortSet } from '../service-backends/ports.js'

/** What this controller's slices are managed by. */
export const sliceManager = 'endpointslice-controller.k8s.io'

const reservedLabels = [serviceNameLabel, managedByLabel, headlessLabel]
const nameLengthMax = 253

/** A slice on its way: a private copy whose list of endpoints may be replaced, though never an endpoint in it. */
export interface SliceDraft extends EndpointSlice {
  endpoints: Endpoint[]
}

/** Families whose addresses a Service publishes, its first family first. */
export function familiesOf({ spec }: Service): IPFamily[] {
  return (spec.ipFamilies ?? ['IPv4']) as IPFamily[]
}

export function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(({ apiVersion, kind, uid }) => apiVersion === 'v1' && kind === 'Service' && uid === service.metadata.uid)
}

/** Labels of a Service's slices: its own, with the three reserved ones as they must be. */
export function sliceLabels(service: Service): Record<string, string> {
  return {
    ...withoutReserved(service.metadata.labels),
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [serviceNameLabel]: service.metadata.name ?? '',
    [managedByLabel]: sliceManager,
  }
}

/** Whether a slice has other labels than its Service; the reserved ones do not count. */
export function hasStaleLabels({ metadata }: EndpointSlice, service: Service): boolean {
  return !deepEqual(withoutReserved(metadata.labels), withoutReserved(service.metadata.labels))
}

function withoutReserved(labels: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !reservedLabels.includes(key)))
}

/** A generated name starts with the owner's, with a dash where there is room for one. */
export function slicePrefix(ownerName = ''): string {
  return ownerName.length < nameLengthMax ? `${ownerName}-` : ownerName
}

export function ownerReferenceOf(owner: { kind: string; metadata: { name?: string; uid?: string } }): OwnerReference {
  return { apiVersion: 'v1', kind: owner.kind, name: owner.metadata.name ?? '', uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }
}

export function newSlice(service: Service, family: IPFamily, { ports }: Pick<PortSet, 'ports'>): SliceDraft {
  const { name, namespace } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { generateName: slicePrefix(name), namespace, labels: sliceLabels(service), ownerReferences: [ownerReferenceOf(service)] },
    addressType: family,
    endpoints: [],
    ports: [...ports],
  }
}

/** A Service that nothing stands behind has one slice without endpoints and ports, so that its readers know it was seen. */
export function isPlaceholder({ metadata, endpoints, ports }: EndpointSlice, service: Service): boolean {
  const labels = sliceLabels(service)
  const keys = new Set([...Object.keys(labels), ...Object.keys(metadata.labels ?? {})])
  return (
    !endpoints?.length &&
    !ports?.length &&
    deepEqual(metadata.ownerReferences, [ownerReferenceOf(service)]) &&
    [...keys].every((key) => (metadata.labels?.[key] ?? '') === (labels[key] ?? ''))
  )
}

/**
 * What a slice of this manager belongs to, and belonged to before; slices of other managers are left alone.
 * Upstream: endpointslice_controller.go onEndpointSliceUpdate
 */
export function ownersOfSlice({ object, old = object }: Change<EndpointSlice>, manager: string): ObjectKey[] {
  const names = [object, old].map(({ metadata }) => metadata.labels?.[serviceNameLabel] ?? '')
  const isManaged = [object, old].some(({ metadata }) => metadata.labels?.[managedByLabel] === manager)
  if (!isManaged) return []
  return [...new Set(names)].filter(Boolean).map((name) => ({ namespace: object.metadata.namespace ?? '', name }))
}
