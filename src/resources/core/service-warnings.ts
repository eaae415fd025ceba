// What a Service is warned of: deprecated fields, fields without effect, addresses written in odd ways.
// Upstream: pkg/api/service/warnings.go GetWarningsForService
import { cidrWarnings, ipWarnings } from '../../machinery/index.js'
import type { Service, ServiceSpec } from '../shapes/core-v1.js'
import { topologyHints, topologyMode } from './service-annotations.js'
import { headlessIP } from './service-type.js'

export function serviceWarnings({ metadata: { annotations = {} }, spec }: Service): string[] {
  return [
    ...(topologyHints in annotations ? [`annotation ${topologyHints} is deprecated, please use ${topologyMode} instead`] : []),
    ...(spec.clusterIP && spec.clusterIP !== headlessIP ? inEach(spec.clusterIPs, 'spec.clusterIPs', ipWarnings) : []),
    ...headlessWarnings(spec),
    ...inEach(spec.externalIPs, 'spec.externalIPs', ipWarnings),
    ...(spec.loadBalancerIP ? ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP) : []),
    ...inEach(spec.loadBalancerSourceRanges, 'spec.loadBalancerSourceRanges', cidrWarnings),
    ...typeWarnings(spec),
    ...(spec.trafficDistribution === 'PreferClose' ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'] : []),
  ]
}

function headlessWarnings({ type, clusterIP, loadBalancerIP, externalIPs, sessionAffinity }: ServiceSpec): string[] {
  if (type !== 'ClusterIP' || clusterIP !== headlessIP) return []
  const warnings: string[] = []
  if (loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
  if (externalIPs?.length) warnings.push('spec.externalIPs is ignored for headless services')
  if (sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  return warnings
}

function typeWarnings({ type, externalIPs, externalName }: ServiceSpec): string[] {
  if (type !== 'ExternalName') return externalName ? ['spec.externalName is ignored when spec.type is not "ExternalName"'] : []
  return externalIPs?.length ? ['spec.externalIPs is ignored when spec.type is "ExternalName"'] : []
}

function inEach(texts: readonly string[] | undefined, path: string, warningsOf: (path: string, text: string) => string[]): string[] {
  return (texts ?? []).flatMap((text, index) => warningsOf(`${path}[${index}]`, text))
}
