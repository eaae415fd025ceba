// What is wrong with the content of an EndpointSlice.
// Upstream: pkg/apis/discovery/validation/validation.go
import {
  type FieldError,
  field,
  ipFamilyOf,
  validateDNSLabel,
  validateDNSSubdomain,
  validateFullDomain,
  validateIP,
  validateLabels,
  validateLabelValue,
  validateLegacyIP,
  validateNonSpecialIP,
  validateQualifiedName,
} from '../../machinery/index.js'
import { inEach, invalids, optionalText, requiredWord } from '../core/field-checks.js'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../shapes/discovery-v1.js'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']

const endpointsMax = 1000
const addressesMax = 100
const portsMax = 20_000
const topologyLabelsMax = 16
const hintsMax = 8

export function validateAddressType({ addressType }: EndpointSlice): FieldError[] {
  return requiredWord('addressType', addressType, addressTypes)
}

export function validateEndpointPorts({ ports }: EndpointSlice): FieldError[] {
  if ((ports?.length ?? 0) > portsMax) return [field.tooMany('ports', ports?.length ?? 0, portsMax)]
  const seen = new Set<string>()
  return inEach(ports, 'ports', (port, path) => {
    const name = port.name ?? ''
    const repeated = seen.has(name) ? [field.duplicate(`${path}.name`, name)] : []
    seen.add(name)
    return [...optionalText(`${path}.name`, name, validateDNSLabel), ...repeated, ...validateProtocols(port, path)]
  })
}

function validateProtocols({ protocol, appProtocol }: EndpointPort, path: string): FieldError[] {
  return [
    ...(protocol === undefined
      ? [field.required(`${path}.protocol`)]
      : protocols.includes(protocol)
        ? []
        : [field.notSupported(`${path}.protocol`, protocol, protocols)]),
    ...(appProtocol === undefined ? [] : invalids(`${path}.appProtocol`, appProtocol, validateQualifiedName(appProtocol))),
  ]
}

export function validateEndpoints({ endpoints, addressType }: EndpointSlice): FieldError[] {
  if ((endpoints?.length ?? 0) > endpointsMax) return [field.tooMany('endpoints', endpoints?.length ?? 0, endpointsMax)]
  return inEach(endpoints, 'endpoints', (endpoint, path) => [
    ...validateAddresses(endpoint, addressType, `${path}.addresses`),
    ...validatePlace(endpoint, path),
  ])
}

function validateAddresses({ addresses }: Endpoint, addressType: string, path: string): FieldError[] {
  const count = addresses?.length ?? 0
  if (!count) return [field.required(path, 'must contain at least 1 address')]
  const errors = count > addressesMax ? [field.tooMany(path, count, addressesMax)] : []
  return [...errors, ...inEach(addresses, path, (address, at) => validateAddress(address, addressType, at, path))]
}

/** Addresses of an unknown type are not looked at. `listPath`: upstream names no index where the family is wrong. */
function validateAddress(address: string, addressType: string, path: string, listPath: string): FieldError[] {
  if (addressType === 'FQDN') return validateDomain(address, path)
  if (addressType !== 'IPv4' && addressType !== 'IPv6') return []
  const problems = addressType === 'IPv4' ? validateLegacyIP(address) : validateIP(address)
  if (problems.length) return invalids(path, address, problems)
  const isForeign = ipFamilyOf(address) !== addressType
  const foreign = isForeign ? [field.invalid(listPath, address, `must be an ${addressType} address`)] : []
  return [...foreign, ...invalids(path, address, validateNonSpecialIP(address))]
}

function validateDomain(address: string, path: string): FieldError[] {
  if (!address) return [field.required(path)]
  const wrong = validateFullDomain(address)
  return wrong ? [field.invalid(path, wrong.value, wrong.message)] : []
}

function validatePlace({ nodeName, deprecatedTopology = {}, hostname, hints }: Endpoint, path: string): FieldError[] {
  const labels = Object.keys(deprecatedTopology).length
  return [
    ...(nodeName === undefined ? [] : invalids(`${path}.nodeName`, nodeName, validateDNSSubdomain(nodeName))),
    ...(labels > topologyLabelsMax ? [field.tooMany(`${path}.deprecatedTopology`, labels, topologyLabelsMax)] : []),
    ...validateLabels(deprecatedTopology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalids(`${path}.hostname`, hostname, validateDNSLabel(hostname))),
    ...(hints ? validateHints(hints, `${path}.hints`) : []),
  ]
}

/** Too many of one hide what is wrong with the rest. */
function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string): FieldError[] {
  if (forZones.length > hintsMax) return [field.tooMany(`${path}.forZones`, forZones.length, hintsMax)]
  const errors = validateNames(forZones, `${path}.forZones`, validateLabelValue)
  if (forNodes.length > hintsMax) return [...errors, field.tooMany(`${path}.forNodes`, forNodes.length, hintsMax)]
  return [...errors, ...validateNames(forNodes, `${path}.forNodes`, validateDNSSubdomain)]
}

function validateNames(list: readonly { name: string }[], path: string, problemsOf: (name: string) => string[]): FieldError[] {
  const seen = new Set<string>()
  return inEach(list, path, ({ name }, at) => {
    const repeated = seen.has(name) ? [field.duplicate(`${at}.name`, name)] : []
    seen.add(name)
    return [...repeated, ...invalids(`${at}.name`, name, problemsOf(name))]
  })
}
