// What is wrong with a node and with a change of one.
// Upstream: pkg/apis/core/validation/validation.go ValidateNode, ValidateNodeUpdate
// Differs: annotations of alpha days, which once held taints and pods to avoid, are not read.
import {
  deepEqual,
  type FieldError,
  field,
  parseCIDR,
  validateConfigKey,
  validateDNSLabel,
  validateDNSSubdomain,
  validateLabelKey,
  validateLabelValue,
  validateLegacyCIDR,
} from '../../machinery/index.js'
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, NodeStatus, Taint } from '../shapes/core-v1.js'
import { inEach, invalids, requiredText, requiredWord } from './field-checks.js'
import { validateQuantity } from './resource-requirements.js'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
// Upstream looks for taints beside the metadata.
const taintsPath = 'metadata.taints'

export function validateNode({ spec, status }: Node): FieldError[] {
  const swap = status.nodeInfo.swap?.capacity
  return [
    ...validateTaints(spec.taints),
    ...validateAmounts(status),
    ...(swap !== undefined && swap <= 0 ? [field.invalid('metadata.nodeSwapStatus.capacity', swap, 'must be greater than 0')] : []),
    ...validatePodCIDRs(spec.podCIDRs ?? []),
  ]
}

export function validateNodeChange({ spec, status }: Node, old: Node): FieldError[] {
  return [
    ...validateAmounts(status),
    ...refuseRepeatedAddresses(status),
    ...refuseOtherPodCIDRs(spec.podCIDRs ?? [], old.spec.podCIDRs ?? []),
    ...(old.spec.providerID && old.spec.providerID !== spec.providerID ? [fixed('providerID')] : []),
    ...(spec.configSource ? validateConfigSource(spec.configSource, 'spec.configSource', refuseIdentity) : []),
    ...validateConfigStatus(status),
    ...validateTaints(spec.taints),
    ...(spec.externalID === old.spec.externalID ? [] : [field.forbidden('spec.externalID', 'may not be updated')]),
  ]
}

function validateTaints(taints: readonly Taint[] | undefined): FieldError[] {
  const seen = new Set<string>()
  return inEach(taints, taintsPath, (taint, path) => {
    const { key, value = '', effect } = taint
    const pair = `${effect} ${key}`
    const repeated = seen.has(pair) ? [refuseRepeated(taint, path)] : []
    seen.add(pair)
    const valueProblem = validateLabelValue(value).join(';')
    return [
      ...invalids(`${path}.key`, key, validateLabelKey(key)),
      ...(valueProblem ? [field.invalid(`${path}.value`, value, valueProblem)] : []),
      ...requiredWord(`${path}.effect`, effect, effects),
      ...repeated,
    ]
  })
}

function refuseRepeated({ key, value = '', effect, timeAdded }: Taint, path: string): FieldError {
  const error = field.duplicate(path, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null })
  return { ...error, body: `${error.body}: taints must be unique by key and effect pair` }
}

function validateAmounts(status: NodeStatus): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((name) =>
    Object.entries(status[name] ?? {}).flatMap(([resource, amount]) => validateQuantity(resource, amount, `status.${name}.${resource}`)),
  )
}

function validatePodCIDRs(cidrs: readonly string[]): FieldError[] {
  const path = 'spec.podCIDRs'
  const errors = inEach(cidrs, path, (cidr, at) => invalids(at, cidr, validateLegacyCIDR(cidr)))
  if (cidrs.length < 2) return errors
  const wrong = cidrs.findIndex((cidr) => !parseCIDR(cidr))
  if (wrong >= 0) errors.push(unreadable(path, cidrs[wrong], wrong))
  const families = new Set(cidrs.map((cidr) => parseCIDR(cidr)?.family))
  if (wrong >= 0 || families.size < 2 || cidrs.length > 2) errors.push(field.invalid(path, cidrs, 'may specify no more than one CIDR for each IP family'))
  return errors
}

function unreadable(path: string, cidr: string, index: number): FieldError {
  const cause = `invalid CIDR[${index}]: <nil> (invalid CIDR address: ${cidr})`
  return { type: 'InternalError', field: path, body: `Internal error: invalid PodCIDRs. failed to check with dual stack with error:${cause}` }
}

function refuseRepeatedAddresses({ addresses }: NodeStatus): FieldError[] {
  const seen = new Set<string>()
  return inEach(addresses, 'status.addresses', ({ type, address }, path) => {
    const pair = `${type} ${address}`
    const errors = seen.has(pair) ? [field.duplicate(path, { Type: type, Address: address })] : []
    seen.add(pair)
    return errors
  })
}

function fixed(name: string): FieldError {
  return field.forbidden(`spec.${name}`, `node updates may not change ${name === 'podCIDRs' ? 'podCIDR' : name} except from "" to valid`)
}

/** One error for each network that is another, or one when their number is. */
function refuseOtherPodCIDRs(cidrs: readonly string[], old: readonly string[]): FieldError[] {
  if (!old.length || deepEqual(cidrs, old)) return []
  if (cidrs.length !== old.length) return [fixed('podCIDRs')]
  return old.filter((cidr, index) => cidr !== cidrs[index]).map(() => fixed('podCIDRs'))
}

type IdentityCheck = (source: ConfigMapNodeConfigSource, path: string) => FieldError[]

// The feature is gone, its fields are still checked.
function validateConfigStatus({ config }: NodeStatus): FieldError[] {
  return (['assigned', 'active', 'lastKnownGood'] as const).flatMap((name) => {
    const source = config?.[name]
    return source ? validateConfigSource(source, `status.config.${name}`, requireIdentity) : []
  })
}

function validateConfigSource(source: NodeConfigSource, path: string, checkIdentity: IdentityCheck): FieldError[] {
  const { configMap } = source
  if (!configMap) return [field.invalid(path, { ConfigMap: null }, 'exactly one reference subfield must be non-nil')]
  const at = `${path}.configMap`
  return [
    ...checkIdentity(configMap, at),
    ...requiredText(`${at}.namespace`, configMap.namespace, validateDNSLabel),
    ...requiredText(`${at}.name`, configMap.name, validateDNSSubdomain),
    ...requiredText(`${at}.kubeletConfigKey`, configMap.kubeletConfigKey, validateConfigKey),
  ]
}

const refuseIdentity: IdentityCheck = ({ uid, resourceVersion }, path) => [
  ...(uid ? [field.forbidden(`${path}.uid`, 'uid must not be set in spec')] : []),
  ...(resourceVersion ? [field.forbidden(`${path}.resourceVersion`, 'resourceVersion must not be set in spec')] : []),
]

const requireIdentity: IdentityCheck = ({ uid, resourceVersion }, path) => [
  ...requiredText(`${path}.uid`, uid),
  ...requiredText(`${path}.resourceVersion`, resourceVersion),
]
