// What a change of a Service's type takes with it: fields that the new type has no use for and that nobody touched.
// Upstream: pkg/registry/core/service/strategy.go dropTypeDependentFields
import { deepEqual } from '../../machinery/index.js'
import type { Service, ServiceSpec } from '../shapes/core-v1.js'
import { isReachableFromOutside, needsClusterIP, needsHealthCheckNodePort, needsNodePorts, nodePortsOf } from './service-type.js'

/**
 * A field goes only when the type no longer needs it and the writer left it as it was. Whoever edits it in the same
 * request keeps the edit, and validation says that it does not fit.
 */
export function dropTypeDependentFields(draft: Service, old: Service): void {
  const { spec } = draft
  dropAddresses(spec, old.spec)
  dropPorts(spec, old.spec)
  dropBalancing(spec, old.spec)
  if (spec.type !== 'LoadBalancer') draft.status = { ...draft.status, loadBalancer: {} }
  hideInternalPolicy(draft)
}

/**
 * Differs: upstream stores the internal policy of an ExternalName service and leaves it out whenever it is read. Here
 * what is stored is what is read, so that a policy other than the default does not come back with the type.
 */
export function hideInternalPolicy({ spec }: Service): void {
  if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy
}

function dropAddresses(spec: ServiceSpec, old: ServiceSpec): void {
  if (!needsClusterIP(old) || needsClusterIP(spec)) return
  if (isKept('clusterIP', spec, old) && isKept('clusterIPs', spec, old)) {
    delete spec.clusterIP
    delete spec.clusterIPs
  }
  if (isKept('ipFamilies', spec, old)) delete spec.ipFamilies
  if (isKept('ipFamilyPolicy', spec, old)) delete spec.ipFamilyPolicy
}

function dropPorts(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsNodePorts(old) && !needsNodePorts(spec) && addsNoNodePort(spec, old)) {
    for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec) && isKept('healthCheckNodePort', spec, old)) delete spec.healthCheckNodePort
  if (isReachableFromOutside(old) && !isReachableFromOutside(spec) && isKept('externalTrafficPolicy', spec, old)) delete spec.externalTrafficPolicy
}

function dropBalancing(spec: ServiceSpec, old: ServiceSpec): void {
  if (old.type !== 'LoadBalancer' || spec.type === 'LoadBalancer') return
  if (isKept('allocateLoadBalancerNodePorts', spec, old)) delete spec.allocateLoadBalancerNodePorts
  if (isKept('loadBalancerClass', spec, old)) delete spec.loadBalancerClass
}

// Ports may come, go and change as long as they bring no node port of their own.
function addsNoNodePort(spec: ServiceSpec, old: ServiceSpec): boolean {
  const known = new Set(nodePortsOf(old))
  return nodePortsOf(spec).every((nodePort) => known.has(nodePort))
}

function isKept(field: keyof ServiceSpec, spec: ServiceSpec, old: ServiceSpec): boolean {
  return deepEqual(spec[field], old[field])
}
