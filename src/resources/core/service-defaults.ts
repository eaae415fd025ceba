// What a Service gets that follows from its other fields.
// Upstream: pkg/apis/core/v1/defaults.go SetDefaults_Service
import type { Service, ServiceSpec } from '../shapes/core-v1.js'
import { isReachableFromOutside, needsNodePorts } from './service-type.js'

const stickySeconds = 10_800

export function defaultService({ spec, status }: Service): void {
  defaultAffinity(spec)
  for (const port of spec.ports ?? []) if (!port.targetPort) port.targetPort = port.port
  if (isReachableFromOutside(spec)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type === 'ClusterIP' || needsNodePorts(spec)) spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
}

function defaultAffinity(spec: ServiceSpec): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: stickySeconds } }
  }
}
