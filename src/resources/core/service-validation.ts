// All that can be wrong with a Service and with a change of one, in upstream's order.
// Upstream: pkg/apis/core/validation/validation.go ValidateServiceCreate, ValidateServiceUpdate, ValidateServiceStatusUpdate
import {
  type FieldError,
  field,
  parseIP,
  validateDNSSubdomain,
  validateLabels,
  validateLegacyCIDR,
  validateLegacyIP,
  validateNonSpecialIP,
  validatePort,
  validateQualifiedName,
} from '../../machinery/index.js'
import type { LoadBalancerIngress, Service, ServiceSpec } from '../shapes/core-v1.js'
import { inEach, invalids, optionalText, optionalWord } from './field-checks.js'
import { validateClusterIPs, validateClusterIPsChange } from './service-address-validation.js'
import { sourceRanges, topologyHints, topologyMode } from './service-annotations.js'
import { validatePortSet, validatePorts } from './service-port-validation.js'
import { isHeadless, isReachableFromOutside, needsClusterIP, needsHealthCheckNodePort, needsNodePorts } from './service-type.js'

const onlyBalanced = "may only be used when `type` is 'LoadBalancer'"
const notExternalName = 'may not be set for ExternalName services'
const stickySecondsMax = 86_400

export function validateService(service: Service): FieldError[] {
  const { spec } = service
  return [
    ...validateTopology(service),
    ...(!spec.ports?.length && !isHeadless(spec) && needsClusterIP(spec) ? [field.required('spec.ports')] : []),
    ...validateOfType(spec),
    ...validatePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateClusterIPs(service),
    ...inEach(spec.externalIPs, 'spec.externalIPs', validateExternalIP),
    ...optionalWord('spec.type', spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...validatePortSet(spec),
    ...validateSourceRanges(service),
    ...validateNodePortAllocation(spec),
    ...validateClass(spec),
    ...validateExternalTraffic(spec),
    ...optionalWord('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']),
    ...optionalWord('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose', 'PreferSameZone', 'PreferSameNode']),
  ]
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  return [
    ...validateClusterIPsChange(service, old),
    ...validateClassChange(service.spec, old.spec),
    // Upstream asks this once for the change and once more with all the rest.
    ...validateClass(service.spec),
    ...validateHealthCheckChange(service.spec, old.spec),
    ...validateService(service),
  ]
}

function validateTopology({ metadata: { annotations = {} } }: Service): FieldError[] {
  const [mode, hints] = [annotations[topologyMode], annotations[topologyHints]]
  if (mode === undefined || hints === undefined || mode === hints) return []
  return [field.invalid(`metadata.annotations[${topologyMode}]`, mode, `must match annotations[${topologyHints}] when both are specified`)]
}

function validateOfType(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return validateExternalName(spec)
  if (!needsNodePorts(spec) || !isHeadless(spec)) return []
  return [field.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
}

function validateExternalName({ clusterIPs, ipFamilies, ipFamilyPolicy, externalName = '' }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  if (clusterIPs?.length) errors.push(field.forbidden('spec.clusterIPs', notExternalName))
  if (ipFamilies?.length) errors.push(field.forbidden('spec.ipFamilies', notExternalName))
  if (ipFamilyPolicy !== undefined) errors.push(field.forbidden('spec.ipFamilyPolicy', notExternalName))
  // A dot at the end says that the name is complete.
  const name = externalName.endsWith('.') ? externalName.slice(0, -1) : externalName
  if (!name) errors.push(field.required('spec.externalName'))
  return [...errors, ...optionalText('spec.externalName', name, validateDNSSubdomain)]
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const errors = optionalWord('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (sessionAffinity !== 'ClientIP' || seconds === undefined || (seconds > 0 && seconds <= stickySecondsMax)) return errors
  const at = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  return [...errors, field.invalid(at, seconds, `must be greater than 0 and less than ${stickySecondsMax}`)]
}

function validateExternalIP(ip: string, at: string): FieldError[] {
  const problems = validateLegacyIP(ip)
  return invalids(at, ip, problems.length ? problems : validateNonSpecialIP(ip))
}

// The field is spelt with a capital in errors, and its values may have spaces around them: so it was as an annotation.
function validateSourceRanges({ metadata: { annotations = {} }, spec }: Service): FieldError[] {
  const { loadBalancerSourceRanges: ranges, type } = spec
  const wrongType = (at: string) => (type === 'LoadBalancer' ? [] : [field.forbidden(at, onlyBalanced)])
  if (ranges?.length) {
    const at = 'spec.LoadBalancerSourceRanges'
    return [...wrongType(at), ...inEach(ranges, at, validateRange)]
  }
  const text = annotations[sourceRanges]
  if (text === undefined) return []
  const at = `metadata.annotations[${sourceRanges}]`
  return [...wrongType(at), ...(text.trim() ? text.split(',').flatMap((range) => validateRange(range, at)) : [])]
}

function validateRange(range: string, at: string): FieldError[] {
  const text = range.trim()
  return invalids(at, text, validateLegacyCIDR(text))
}

function validateNodePortAllocation({ type, allocateLoadBalancerNodePorts }: ServiceSpec): FieldError[] {
  const isMisplaced = allocateLoadBalancerNodePorts !== undefined && type !== 'LoadBalancer'
  return isMisplaced ? [field.forbidden('spec.allocateLoadBalancerNodePorts', onlyBalanced)] : []
}

function validateClass({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (loadBalancerClass === undefined) return []
  if (type !== 'LoadBalancer') return [field.forbidden('spec.loadBalancerClass', onlyBalanced)]
  return invalids('spec.loadBalancerClass', loadBalancerClass, validateQualifiedName(loadBalancerClass))
}

function validateClassChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type !== 'LoadBalancer' || old.type !== 'LoadBalancer' || spec.loadBalancerClass === old.loadBalancerClass) return []
  return [field.invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')]
}

function validateExternalTraffic(spec: ServiceSpec): FieldError[] {
  return [...validateExternalPolicy(spec), ...validateHealthCheck(spec)]
}

function validateExternalPolicy(spec: ServiceSpec): FieldError[] {
  const policy = spec.externalTrafficPolicy || undefined
  const at = 'spec.externalTrafficPolicy'
  if (isReachableFromOutside(spec)) return policy ? optionalWord(at, policy, ['Cluster', 'Local']) : [field.required(at)]
  return policy ? [field.invalid(at, policy, 'may only be set for externally-accessible services')] : []
}

function validateHealthCheck(spec: ServiceSpec): FieldError[] {
  const { healthCheckNodePort: port = 0 } = spec
  const at = 'spec.healthCheckNodePort'
  if (needsHealthCheckNodePort(spec)) return port ? invalids(at, port, validatePort(port)) : [field.required(at)]
  return port ? [field.invalid(at, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")] : []
}

function validateHealthCheckChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (!needsHealthCheckNodePort(spec) || !needsHealthCheckNodePort(old) || spec.healthCheckNodePort === old.healthCheckNodePort) return []
  return [field.forbidden('spec.healthCheckNodePort', 'field is immutable')]
}

export function validateServiceStatus({ spec, status }: Service): FieldError[] {
  const ingress = status?.loadBalancer?.ingress
  const at = 'status.loadBalancer.ingress'
  if (spec.type !== 'LoadBalancer' && ingress?.length) return [field.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")]
  return inEach(ingress, at, validateIngress)
}

function validateIngress({ ip = '', ipMode, hostname = '' }: LoadBalancerIngress, at: string): FieldError[] {
  const errors = optionalText(`${at}.ip`, ip, validateLegacyIP)
  if (ipMode === undefined) {
    if (ip) errors.push(field.required(`${at}.ipMode`, 'must be specified when `ip` is set'))
  } else if (!ip) errors.push(field.forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
  else errors.push(...optionalWord(`${at}.ipMode`, ipMode, ['Proxy', 'VIP']))
  errors.push(...optionalText(`${at}.hostname`, hostname, validateDNSSubdomain))
  if (parseIP(hostname)) errors.push(field.invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'))
  return errors
}
