// What the type of a Service asks for: addresses, ports on nodes, a port for health checks.
// Upstream: pkg/api/service/util.go, pkg/registry/core/service/strategy.go needsClusterIP and its like
import type { Service, ServiceSpec } from '../shapes/core-v1.js'

export const headlessIP = 'None'

type Typed = Pick<ServiceSpec, 'type'>
type Addressed = Pick<ServiceSpec, 'clusterIPs'>

/** Every type has cluster IPs but ExternalName; for a headless service the word None counts as one. */
export function needsClusterIP({ type }: Typed): boolean {
  return type !== 'ExternalName'
}

export function needsNodePorts({ type }: Typed): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

/** Whether ports that name no node port get one. */
export function allocatesNodePorts({ type, allocateLoadBalancerNodePorts }: Pick<ServiceSpec, 'type' | 'allocateLoadBalancerNodePorts'>): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}

export function needsHealthCheckNodePort({ type, externalTrafficPolicy }: Pick<ServiceSpec, 'type' | 'externalTrafficPolicy'>): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

export function isReachableFromOutside({ type, externalIPs }: Pick<ServiceSpec, 'type' | 'externalIPs'>): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && Boolean(externalIPs?.length))
}

export function isHeadless({ clusterIPs }: Addressed): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === headlessIP
}

/** All node ports its ports name, in order. */
export function nodePortsOf({ ports }: Pick<ServiceSpec, 'ports'>): number[] {
  return (ports ?? []).flatMap(({ nodePort }) => nodePort || [])
}

/** Cluster IPs that are addresses, as they are written. */
export function clusterIPsOf({ spec }: Service): string[] {
  return (spec.clusterIPs ?? []).filter((ip) => ip && ip !== headlessIP)
}
