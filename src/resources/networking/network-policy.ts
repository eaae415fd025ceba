// Upstream: pkg/registry/networking/networkpolicy/strategy.go, ValidateNetworkPolicy, printNetworkPolicy
import { type FieldError, field, validateLabelSelector } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import { selectorText } from '../printing.js'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../shapes/networking-v1.js'

export const networkPolicy = defineResource<NetworkPolicy>('networking.k8s.io/v1/networkpolicies', {
  metadataChecks: ['whole', 'change'],
  cells: { 'Pod-Selector': ({ spec }) => selectorText(spec.podSelector) },
  validate({ spec }) {
    const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector')
    spec.ingress?.forEach(({ ports, from }, index) => {
      errors.push(...validatePorts(ports, `spec.ingress[${index}].ports`), ...validatePeers(from, `spec.ingress[${index}].from`))
    })
    spec.egress?.forEach(({ ports, to }, index) => {
      errors.push(...validatePorts(ports, `spec.egress[${index}].ports`), ...validatePeers(to, `spec.egress[${index}].to`))
    })
    return [...errors, ...validateTypes(spec.policyTypes ?? [])]
  },
})

function validateTypes(types: readonly string[]): FieldError[] {
  const supported = ['Egress', 'Ingress']
  if (types.length > 2) return [field.invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  return types.flatMap((type, index) => (supported.includes(type) ? [] : [field.notSupported(`spec.policyTypes[${index}]`, type, supported)]))
}

function validatePorts(ports: readonly NetworkPolicyPort[] | null | undefined, path: string): FieldError[] {
  return (ports ?? []).flatMap((port, index) => validatePort(port, `${path}[${index}]`))
}

const protocols = ['SCTP', 'TCP', 'UDP']

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (protocol !== undefined && !protocols.includes(protocol)) errors.push(field.notSupported(`${path}.protocol`, protocol, protocols))
  const isOutside = (value: number) => value < 1 || value > 65535
  if (typeof port === 'number' && isOutside(port)) errors.push(field.invalid(`${path}.port`, port, 'must be between 1 and 65535, inclusive'))
  if (endPort === undefined) return errors
  if (port === undefined) errors.push(field.required(`${path}.port`, 'must be specified when `endPort` is specified'))
  else if (typeof port !== 'number') errors.push(field.invalid(`${path}.endPort`, endPort, 'may not be specified when `port` is non-numeric'))
  else if (endPort < port) errors.push(field.invalid(`${path}.endPort`, endPort, 'must be greater than or equal to `port`'))
  if (isOutside(endPort)) errors.push(field.invalid(`${path}.endPort`, endPort, 'must be between 1 and 65535, inclusive'))
  return errors
}

function validatePeers(peers: readonly NetworkPolicyPeer[] | null | undefined, path: string): FieldError[] {
  return (peers ?? []).flatMap((peer, index) => validatePeer(peer, `${path}[${index}]`))
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (podSelector) errors.push(...validateLabelSelector(podSelector, `${path}.podSelector`))
  if (namespaceSelector) errors.push(...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`))
  if (ipBlock && !ipBlock.cidr) errors.push(field.required(`${path}.ipBlock.cidr`))
  if (ipBlock && (podSelector || namespaceSelector)) errors.push(field.forbidden(path, 'may not specify both ipBlock and another peer'))
  if (!ipBlock && !podSelector && !namespaceSelector) errors.push(field.required(path, 'must specify a peer'))
  return errors
}
