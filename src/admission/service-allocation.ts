// Gives Services their addresses and ports before they are written, and takes them back when they go. No flag turns this off.
// Upstream: pkg/registry/core/service/storage/{storage,alloc}.go beginCreate, beginUpdate, afterDelete
import {
  type Admission,
  type AdmissionRequest,
  type AdmissionStep,
  type CompanionWrite,
  type IPFamily,
  parseCIDR,
  status,
  withMembers,
} from '../machinery/index.js'
import { endpoints, type Service, type ServiceSpec, service } from '../resources/index.js'
import { allocateClusterIPs, type ClusterIPRange, releaseClusterIPs } from './cluster-ip.js'
import { allocateNodePorts, type PortRange } from './node-port.js'
import { keepAllocated, syncClusterIPs } from './service-carry-over.js'
import { settleFamilies } from './service-families.js'

export interface ServicePools {
  /** One network, or one of each family; the first one's family is the default. */
  serviceClusterIPRanges: readonly ClusterIPRange[]
  serviceNodePortRange: PortRange
}

export function serviceAllocation({ serviceClusterIPRanges, serviceNodePortRange }: ServicePools): AdmissionStep {
  const families = serviceClusterIPRanges.map(({ cidr }) => parseCIDR(cidr)?.family as IPFamily)
  return {
    resources: [service.key],
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    admit(request: AdmissionRequest<Service>): Admission {
      if (request.operation === 'DELETE') return { companions: releaseAll(request) }
      if (request.subresource) return undefined
      const { object, old } = request
      object.spec = ownSpec(object.spec)
      if (old) keepAllocated(object.spec, old.spec)
      syncClusterIPs(object.spec, old?.spec)
      const errors = settleFamilies(object, old, families)
      if (errors.length) return { refused: status.invalid({ group: '', resource: 'Service' }, object.metadata.name ?? '', errors) }
      const addresses = allocateClusterIPs(request, serviceClusterIPRanges)
      if ('refused' in addresses) return addresses
      const refused = allocateNodePorts(request, serviceNodePortRange)
      return refused ? { refused } : addresses
    },
  }
}

/** Specs and ports of drafts may be those of the stored object. */
function ownSpec(spec: ServiceSpec): ServiceSpec {
  return withMembers(spec, spec.ports ? { ports: spec.ports.map((port) => withMembers(port, {})) } : {})
}

/** Ports are free when nothing names them; addresses have objects, and the endpoints of the name must not outlive it. */
function releaseAll(request: AdmissionRequest<Service>): CompanionWrite[] {
  const owner = request.old ?? request.object
  const { namespace = '', name = '' } = owner.metadata
  const companions = releaseClusterIPs(request, owner)
  const named = request.snapshot.get(endpoints, { namespace, name })
  if (named && !named.metadata.finalizers?.length) companions.push({ verb: 'delete', definition: endpoints, namespace, name })
  return companions
}
