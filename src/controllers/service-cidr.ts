// A ServiceCIDR is kept by a finalizer, called ready, and goes when no address in use would be left without a network.
// Upstream: pkg/controller/servicecidrs/servicecidrs_controller.go
import { type CIDR, cidrContains, cidrsOverlap, defineController, formatTime, type IP, nothing, on, type Plan, parseCIDR, parseIP } from '../machinery/index.js'
import { type IPAddress, ipAddress, type ServiceCIDR, serviceCIDR, serviceCIDRFinalizer } from '../resources/index.js'

interface Observed {
  object: ServiceCIDR
  /** All there are, this one too. */
  all: readonly ServiceCIDR[]
  /** Only asked for when the object is on its way out. */
  addresses: readonly IPAddress[]
  now: number
}

const managedBy = 'ipaddress.kubernetes.io/managed-by'
const allocator = { [managedBy]: 'ipallocator.k8s.io' }

const readyCondition = { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' }
const blockedCondition = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
}

export const serviceCIDRController = defineController<Observed>({
  name: 'service-cidr-controller',
  fieldManager: 'service-cidr-controller',
  username: 'system:serviceaccount:kube-system:service-cidrs-controller',
  watches: [
    on(serviceCIDR, ({ object, old }, snapshot) => {
      // A new network may take over the addresses of one that wants to go.
      const neighbours = old ? [] : snapshot.list(serviceCIDR).filter((other) => overlaps(other, object))
      return [object, ...neighbours].map(keyOf)
    }),
    on(ipAddress, ({ object, old, deleted }, snapshot) => {
      if ((old && !deleted) || object.metadata.labels?.[managedBy] !== allocator[managedBy]) return []
      const leaving = snapshot.list(serviceCIDR).filter(isLeaving)
      const ip = leaving.length ? parseIP(object.metadata.name ?? '') : undefined
      return ip ? leaving.filter((cidr) => contains(cidr, ip)).map(keyOf) : []
    }),
  ],
  observe({ name }, snapshot) {
    const object = snapshot.get(serviceCIDR, { name })
    if (!object || (isLeaving(object) && !isKept(object))) return undefined
    const addresses = isLeaving(object) ? snapshot.list(ipAddress, { labels: allocator }) : []
    return { object, all: snapshot.list(serviceCIDR), addresses, now: snapshot.now }
  },
  reconcile(observed): Plan {
    const { object, now } = observed
    if (isLeaving(object)) return isNeeded(observed) ? condition(object, blockedCondition, now) : finalizers(object, others(object))
    return isKept(object) ? condition(object, readyCondition, now) : finalizers(object, [...others(object), serviceCIDRFinalizer])
  },
})

const keyOf = ({ metadata }: ServiceCIDR) => ({ namespace: '', name: metadata.name ?? '' })
const isLeaving = ({ metadata }: ServiceCIDR) => metadata.deletionTimestamp !== undefined
const isKept = ({ metadata }: ServiceCIDR) => metadata.finalizers?.includes(serviceCIDRFinalizer) ?? false
const others = ({ metadata }: ServiceCIDR) => (metadata.finalizers ?? []).filter((finalizer) => finalizer !== serviceCIDRFinalizer)
const networksOf = ({ spec }: ServiceCIDR): CIDR[] => (spec.cidrs ?? []).flatMap((text) => parseCIDR(text) ?? [])

function overlaps(one: ServiceCIDR, other: ServiceCIDR): boolean {
  return networksOf(one).some((network) => networksOf(other).some((neighbour) => cidrsOverlap(network, neighbour)))
}

/** A network's own address and the broadcast address of IPv4 are nobody's. */
function contains(cidr: ServiceCIDR, ip: IP): boolean {
  return networksOf(cidr).some((network) => cidrContains(network, ip) && ip.value !== network.first && (ip.family === 'IPv6' || ip.value !== network.last))
}

/** Whether any of the networks has the address. */
export function isInServiceCIDR(all: readonly ServiceCIDR[], text: string): boolean {
  const ip = parseIP(text)
  return ip !== undefined && all.some((cidr) => contains(cidr, ip))
}

/**
 * Whether an address would belong to no ServiceCIDR without this one.
 * Differs: upstream waits ten seconds before the last step, until all API servers have heard of the deletion. Here
 * nothing is given out of a network from the moment it is deleted.
 */
function isNeeded({ object, all, addresses }: Observed): boolean {
  const rest = all.filter(({ metadata }) => metadata.name !== object.metadata.name)
  const isCovered = ({ family, first, last }: CIDR) =>
    rest.some((other) => networksOf(other).some((network) => network.family === family && network.first <= first && network.last >= last))
  if (networksOf(object).every(isCovered)) return false
  return addresses.some(({ metadata }) => {
    const ip = parseIP(metadata.name ?? '')
    return ip !== undefined && contains(object, ip) && !rest.some((other) => contains(other, ip))
  })
}

function finalizers({ metadata }: ServiceCIDR, names: string[]): Plan {
  const patch = { metadata: { finalizers: names.length ? names : null, resourceVersion: metadata.resourceVersion } }
  const key = { namespace: '', name: metadata.name ?? '' }
  return { writes: [{ verb: 'patch', definition: serviceCIDR, key, patch, type: 'merge' }], fieldManager: 'kube-controller-manager' }
}

function condition({ metadata, status }: ServiceCIDR, wanted: { type: string; status: string; reason?: string; message: string }, now: number): Plan {
  const present = status?.conditions?.find(({ type }) => type === wanted.type)
  const isSame = present?.status === wanted.status && present.message === wanted.message && (present.reason ?? '') === (wanted.reason ?? '')
  if (isSame) return nothing
  const { apiVersion, kind } = serviceCIDR
  const object = { apiVersion, kind, metadata: { name: metadata.name }, status: { conditions: [{ ...wanted, lastTransitionTime: formatTime(now) }] } }
  return { writes: [{ verb: 'apply', definition: serviceCIDR, object, subresource: 'status' }] }
}
