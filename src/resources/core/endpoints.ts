// Endpoints: the older list of a Service's addresses, stored as it is written.
// Upstream: pkg/registry/core/endpoint/strategy.go, ValidateEndpoints, printEndpoints
import {
  deepEqual,
  type FieldError,
  field,
  ipWarnings,
  validateDNSLabel,
  validateDNSSubdomain,
  validateLegacyIP,
  validateNonSpecialIP,
  validatePort,
  validateQualifiedName,
} from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../shapes/core-v1.js'
import { inEach, invalids, optionalText, requiredText, requiredWord } from './field-checks.js'
import { endpointsCells } from './service-cells.js'

const protocols = ['SCTP', 'TCP', 'UDP']
const managedBy = 'endpoints.kubernetes.io/managed-by'

export const endpoints = defineResource<Endpoints>('v1/endpoints', {
  cells: endpointsCells,
  metadataChecks: ['change', 'whole'],
  validate: ({ subsets }) => validateSubsets(subsets),
  validateUpdate({ subsets }, old) {
    const errors = validateSubsets(subsets)
    // What older servers took may stay. Only asked when something is wrong: the lists may be long.
    return errors.length && deepEqual(subsets, old.subsets) ? [] : errors
  },
  warnings({ metadata, subsets }) {
    // The controller writes canonical addresses.
    if (metadata.labels?.[managedBy] === 'endpoint-controller') return []
    return (subsets ?? []).flatMap((subset, index) => [
      ...warningsOf(subset.addresses, `subsets[${index}].addresses`),
      ...warningsOf(subset.notReadyAddresses, `subsets[${index}].notReadyAddresses`),
    ])
  },
})

function warningsOf(addresses: readonly EndpointAddress[] | undefined, path: string): string[] {
  return addresses?.flatMap(({ ip }, index) => ipWarnings(`${path}[${index}].ip`, ip)) ?? []
}

function validateSubsets(subsets: readonly EndpointSubset[] | undefined): FieldError[] {
  return inEach(subsets, 'subsets', ({ addresses, notReadyAddresses, ports }, path) => {
    const hasAny = addresses?.length || notReadyAddresses?.length
    return [
      ...(hasAny ? [] : [field.required(path, 'must specify `addresses` or `notReadyAddresses`')]),
      ...inEach(addresses, `${path}.addresses`, validateAddress),
      ...inEach(notReadyAddresses, `${path}.notReadyAddresses`, validateAddress),
      ...inEach(ports, `${path}.ports`, (port, at) => validateEndpointPort(port, at, (ports?.length ?? 0) > 1)),
    ]
  })
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  return [
    ...invalids(`${path}.ip`, ip, validateLegacyIP(ip)),
    ...optionalText(`${path}.hostname`, hostname, validateDNSLabel),
    ...(nodeName === undefined ? [] : invalids(`${path}.nodeName`, nodeName, validateDNSSubdomain(nodeName))),
    ...invalids(`${path}.ip`, ip, validateNonSpecialIP(ip)),
  ]
}

function validateEndpointPort({ name, port, protocol, appProtocol }: EndpointPort, path: string, needsName: boolean): FieldError[] {
  return [
    ...(needsName ? requiredText : optionalText)(`${path}.name`, name, validateDNSLabel),
    ...invalids(`${path}.port`, port, validatePort(port)),
    ...requiredWord(`${path}.protocol`, protocol, protocols),
    ...(appProtocol === undefined ? [] : invalids(`${path}.appProtocol`, appProtocol, validateQualifiedName(appProtocol))),
  ]
}
