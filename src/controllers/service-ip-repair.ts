// Every cluster IP has its IPAddress, which names the Service that has it; what names none is cleared away.
// Upstream: pkg/registry/core/service/ipallocator/controller/repairip.go
// Differs: a missing one is made as soon as it is missed, not within three minutes.
import {
  type Controller,
  defineController,
  defineIndex,
  keyOf,
  on,
  onSelf,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
  parseIP,
  type Snapshot,
  withMembers,
} from '../machinery/index.js'
import { clusterIPsOf, type IPAddress, ipAddress, type ParentReference, type Service, type ServiceCIDR, service, serviceCIDR } from '../resources/index.js'
import { isInServiceCIDR } from './service-cidr.js'

const component = 'ipallocator-repair-controller'
const familyLabel = 'ipaddress.kubernetes.io/ip-family'
const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
const allocator = 'ipallocator.k8s.io'
/** How long an address may wait for its Service. */
const graceMillis = 60_000
/** An address younger than its Service may belong to a write that is still under way. */
const settlingMillis = 5_000

const servicesByIP = defineIndex<Service>({ definition: service, values: (object) => clusterIPsOf(object).map((ip) => parseIP(ip)?.text ?? ip) })

interface HeldAddress {
  ip: string
  address: IPAddress | undefined
  /** The other Service that the address names, if there is one. */
  other: Service | undefined
  /** Before the range of the server is there, every address is. */
  isInRange: boolean
}

type Observed = { service: Service; held: readonly HeldAddress[] } | { address: IPAddress; parent: Service | undefined; now: number }

export const serviceIPRepair: Controller<Observed> = defineController<Observed>({
  name: component,
  fieldManager: 'kube-apiserver',
  username: 'system:apiserver',
  watches: [
    onSelf(service),
    on(ipAddress, ({ object, deleted }, snapshot) => [
      ...snapshot.find(servicesByIP, object.metadata.name ?? '').map(keyOf),
      ...(deleted ? [] : [withMembers(keyOf(object), { resource: ipAddress.key })]),
    ]),
  ],
  observe(key, snapshot) {
    if (key.resource) {
      const address = snapshot.get(ipAddress, { name: key.name })
      if (!address || address.metadata.labels?.[managedByLabel] !== allocator) return undefined
      return { address, parent: parentOf(address, (where) => snapshot.get(service, where)), now: snapshot.now }
    }
    const object = snapshot.get(service, key)
    const ips = object ? clusterIPsOf(object).flatMap((ip) => parseIP(ip)?.text ?? []) : []
    if (!object || !ips.length) return undefined
    const ranges = snapshot.list(serviceCIDR)
    return { service: object, held: ips.map((ip) => holdingOf(object, ip, { ranges, snapshot })) }
  },
  reconcile(observed): Plan {
    if ('address' in observed) return judgeAddress(observed)
    return { writes: observed.held.flatMap((held) => repair(observed.service, held)) }
  },
})

function holdingOf(object: Service, ip: string, { ranges, snapshot }: { ranges: readonly ServiceCIDR[]; snapshot: Snapshot }): HeldAddress {
  const address = snapshot.get(ipAddress, { name: ip })
  const parent = address && parentOf(address, (where) => snapshot.get(service, where))
  const other = parent && parent.metadata.uid !== object.metadata.uid ? parent : undefined
  return { ip, address, other, isInRange: !ranges.some(isDefault) || isInServiceCIDR(ranges, ip) }
}

function parentOf({ spec: { parentRef } }: IPAddress, get: (key: { namespace?: string; name: string }) => Service | undefined): Service | undefined {
  return parentRef && isService(parentRef) ? get({ namespace: parentRef.namespace, name: parentRef.name ?? '' }) : undefined
}

const isDefault = ({ metadata }: ServiceCIDR) => metadata.name === 'kubernetes'
const isService = ({ group, resource }: ParentReference) => !group && resource === 'services'
const familyOf = (ip: string) => (ip.includes(':') ? 'IPv6' : 'IPv4')

function repair(object: Service, { ip, address, other, isInRange }: HeldAddress): PlannedWrite[] {
  const family = familyOf(ip)
  const tell = (reason: string, message: string) =>
    warning('Service', keyOf(object), { reason, action: 'ClusterIPAllocation', message, uid: object.metadata.uid })
  if (!isInRange) return [tell('ClusterIPOutOfRange', `Cluster IP [${family}]: ${ip} is not within any configured Service CIDR; please recreate service`)]
  const create: PlannedWrite = { verb: 'create', definition: ipAddress, object: addressOf(ip, object) }
  if (!address) return [tell('ClusterIPNotAllocated', `Cluster IP [${family}]: ${ip} is not allocated; repairing`), create]
  const recreate = [removal(address), create]
  const { namespace, name } = object.metadata
  const parent = address.spec.parentRef
  const isOwn = parent && isService(parent) && parent.namespace === namespace && parent.name === name
  if (!isOwn && !other) {
    const message = `the ClusterIP [${family}]: ${ip} for Service ${namespace}/${name} has a wrong reference; repairing`
    return [tell('ClusterIPNotAllocated', message), ...recreate]
  }
  if (other && clusterIPsOf(other).includes(ip)) {
    return [tell('ClusterIPAlreadyAllocated', `Cluster IP [${family}]:${ip} was assigned to multiple services; please recreate service`)]
  }
  const { [familyLabel]: labelled, [managedByLabel]: manager } = address.metadata.labels ?? {}
  return labelled === family && manager === allocator && !other ? [] : recreate
}

/** Only looks at what the allocator made: others know their own addresses. */
function judgeAddress({ address, parent, now }: Extract<Observed, { address: IPAddress }>): Plan {
  const { name = '', creationTimestamp, uid } = address.metadata
  const { parentRef } = address.spec
  const bornMillis = Date.parse(creationTimestamp ?? '')
  const clear = (reason: string, message: string): Plan => ({
    writes: [warning('IPAddress', { namespace: '', name }, { reason, action: 'IPAddressAllocation', message, uid }), removal(address)],
  })
  if (!parentRef || !isService(parentRef)) {
    return clear(
      'IPAddressNotAllocated',
      `IPAddress ${name} appears to have been modified, not referencing a Service ${formatReference(parentRef)}: cleaning up`,
    )
  }
  const where = `Service ${parentRef.namespace}/${parentRef.name}`
  if (!parent) {
    if (now - bornMillis <= graceMillis) return { writes: [], requeueAfterMillis: bornMillis + graceMillis + 1 - now }
    return clear('IPAddressNotAllocated', `IPAddress: ${name} for ${where} appears to have leaked: cleaning up`)
  }
  if (clusterIPsOf(parent).some((ip) => parseIP(ip)?.text === name)) return { writes: [] }
  const isYounger = bornMillis > Date.parse(parent.metadata.creationTimestamp ?? '')
  if (isYounger && now - bornMillis < settlingMillis) return { writes: [], requeueAfterMillis: bornMillis + settlingMillis - now }
  return clear('IPAddressWrongReference', `IPAddress: ${name} for ${where} has a wrong reference; cleaning up`)
}

function addressOf(ip: string, { metadata: { namespace, name } }: Service) {
  const labels = { [familyLabel]: familyOf(ip), [managedByLabel]: allocator }
  return { metadata: { name: ip, labels }, spec: { parentRef: { resource: 'services', namespace, name } } }
}

const removal = (address: IPAddress): PlannedWrite => ({
  verb: 'delete',
  definition: ipAddress,
  key: keyOf(address),
  options: { preconditions: { uid: address.metadata.uid } },
})

function warning(
  kind: 'Service' | 'IPAddress',
  { namespace, name }: { namespace: string; name: string },
  { uid, ...told }: Pick<PlannedEvent, 'reason' | 'message' | 'action'> & { uid?: string },
): PlannedWrite {
  const apiVersion = kind === 'Service' ? service.apiVersion : ipAddress.apiVersion
  const regarding = { kind, apiVersion, ...(namespace ? { namespace } : {}), name, uid }
  return { verb: 'event', event: { regarding, type: 'Warning', component, ...told } }
}

/** As Go prints it. */
function formatReference(parent: ParentReference | undefined | null): string {
  if (!parent) return 'nil'
  const { group = '', resource = '', namespace = '', name = '' } = parent
  return `&ParentReference{Group:${group},Resource:${resource},Namespace:${namespace},Name:${name},}`
}
