// EndpointSlice: a share of the addresses of a Service.
// Upstream: pkg/registry/discovery/endpointslice/strategy.go, printEndpointSlice
import { deepEqual, field, ipWarnings, validateDNSSubdomain } from '../../machinery/index.js'
import { endpointSliceCells } from '../core/service-cells.js'
import { defineResource } from '../define-resource.js'
import type { Endpoint, EndpointSlice } from '../shapes/discovery-v1.js'
import { validateAddressType, validateEndpointPorts, validateEndpoints } from './endpoint-slice-validation.js'

const managedBy = 'endpointslice.kubernetes.io/managed-by'
// These write canonical addresses.
const controllers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']
const hostnameLabel = 'kubernetes.io/hostname'

export const endpointSlice = defineResource<EndpointSlice>('discovery.k8s.io/v1/endpointslices', {
  cells: endpointSliceCells,
  metadataChecks: ['whole'],
  prepareForCreate(draft) {
    for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology
  },
  prepareForUpdate: dropTopology,
  validate: (slice) => [...validateFrame(slice), ...validateEndpoints(slice)],
  validateUpdate(next, old) {
    const errors = validateEndpoints(next)
    // What older servers took may stay. Only asked when something is wrong: the lists may be long.
    const isOld = errors.length > 0 && deepEqual(next.endpoints, old.endpoints)
    const moved = next.addressType === old.addressType ? [] : [field.invalid('addressType', next.addressType, 'field is immutable')]
    return [...validateFrame(next), ...(isOld ? [] : errors), ...moved]
  },
  warnings(next, old) {
    const deprecated = !old && next.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
    return [...deprecated, ...addressWarnings(next)]
  },
})

const validateFrame = (slice: EndpointSlice) => [...validateAddressType(slice), ...validateEndpointPorts(slice)]

/** This version has no topology; what an older client read out of it and writes back must not lose the node's name. */
function dropTopology(draft: EndpointSlice, old: EndpointSlice): void {
  if (!draft.endpoints?.some(({ deprecatedTopology }) => deprecatedTopology) || deepEqual(draft.endpoints, old.endpoints)) return
  const known = new Set(old.endpoints?.map(nodeInTopology))
  draft.endpoints = draft.endpoints.map(({ deprecatedTopology, ...endpoint }) => {
    const nodeName = deprecatedTopology?.[hostnameLabel]
    const isMeant = endpoint.nodeName === undefined && nodeName && known.has(nodeName) && !validateDNSSubdomain(nodeName).length
    return isMeant ? { ...endpoint, nodeName } : endpoint
  })
}

const nodeInTopology = ({ deprecatedTopology }: Endpoint) => deprecatedTopology?.[hostnameLabel]

function addressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (controllers.includes(metadata.labels?.[managedBy] ?? '')) return []
  return (endpoints ?? []).flatMap(({ addresses }, index) =>
    (addresses ?? []).flatMap((address, position) => ipWarnings(`endpoints[${index}].addresses[${position}]`, address)),
  )
}
