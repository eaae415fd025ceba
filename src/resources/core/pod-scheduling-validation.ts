// What a pod says about where it may run: affinity, tolerations, spreading, gates.
// Upstream: pkg/apis/core/validation/validation.go validateAffinity, ValidateTolerations, validateTopologySpreadConstraints
import {
  type FieldError,
  field,
  validateDNSLabel,
  validateDNSSubdomain,
  validateLabelKey,
  validateLabelSelector,
  validateLabelValue,
  validateQualifiedName,
} from '../../machinery/index.js'
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSchedulingGate,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from '../shapes/core-v1.js'
import { inEach, invalids, optionalWord, requiredText } from './field-checks.js'

export function validateAffinity(affinity: Affinity, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, `${path}.podAffinity`) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`) : []),
  ]
}

function validateNodeAffinity(affinity: NodeAffinity, path: string): FieldError[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity
  return [
    ...(required ? validateNodeSelectorTerms(required.nodeSelectorTerms, `${path}.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...inEach(preferred, `${path}.preferredDuringSchedulingIgnoredDuringExecution`, ({ weight, preference }, at) => [
      ...validateWeight(weight, at),
      ...validateTerm(preference, `${at}.preference`),
    ]),
  ]
}

function validateNodeSelectorTerms(terms: readonly NodeSelectorTerm[] | null | undefined, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`
  return terms?.length ? inEach(terms, at, validateTerm) : [field.required(at, 'must have at least one node selector term')]
}

function validateTerm({ matchExpressions, matchFields }: NodeSelectorTerm, path: string): FieldError[] {
  return [...inEach(matchExpressions, `${path}.matchExpressions`, validateNodeExpression), ...inEach(matchFields, `${path}.matchFields`, validateNodeField)]
}

/** One requirement on a node's labels. */
export function validateNodeExpression({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(field.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(field.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(field.required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(field.invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  return [
    ...errors,
    ...invalids(`${path}.key`, key, validateLabelKey(key)),
    ...inEach(values, `${path}.values`, (value, at) => invalids(at, value, validateLabelValue(value))),
  ]
}

function validateNodeField({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn') errors.push(field.invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1)
    errors.push(field.required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (key !== 'metadata.name') return [...errors, field.invalid(`${path}.key`, key, 'not a valid field selector key')]
  return [...errors, ...inEach(values, `${path}.values`, (value, at) => invalids(at, value, validateDNSSubdomain(value)))]
}

function validatePodAffinity(affinity: PodAffinity, path: string): FieldError[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity
  return [
    ...inEach(required, `${path}.requiredDuringSchedulingIgnoredDuringExecution`, validatePodTerm),
    ...inEach(preferred, `${path}.preferredDuringSchedulingIgnoredDuringExecution`, ({ weight, podAffinityTerm }, at) => [
      ...validateWeight(weight, at),
      ...validatePodTerm(podAffinityTerm, `${at}.podAffinityTerm`),
    ]),
  ]
}

function validateWeight(weight: number, path: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [field.invalid(`${path}.weight`, weight, 'must be in the range 1-100')]
}

function validatePodTerm({ labelSelector, namespaceSelector, namespaces, topologyKey }: PodAffinityTerm, path: string): FieldError[] {
  const names = namespaces ?? []
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...names.flatMap((name) => invalids(`${path}.namespace`, name, validateDNSLabel(name))),
    ...validateTopologyKey(topologyKey, `${path}.topologyKey`),
  ]
}

function validateTopologyKey(key: string | undefined, path: string): FieldError[] {
  return key ? invalids(path, key, validateLabelKey(key)) : [field.required(path, 'can not be empty')]
}

const matchAll = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return inEach(tolerations, path, (toleration, at) => {
    const { key, operator = '', value, effect, tolerationSeconds } = toleration
    const errors = key ? invalids(`${at}.key`, key, validateLabelKey(key)) : []
    if (!key && operator !== 'Exists') errors.push(field.invalid(`${at}.operator`, operator, matchAll))
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(field.invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    }
    if (operator === 'Equal' || operator === '') errors.push(...invalids(`${at}.operator`, value ?? '', validateLabelValue(value ?? '')))
    else if (operator !== 'Exists') errors.push(field.notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
    else if (value) errors.push(field.invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
    return effect ? [...errors, ...optionalWord(`${at}.effect`, effect, effects)] : errors
  })
}

export function validateSpreadConstraints(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return inEach(constraints, path, (constraint, at) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector, nodeAffinityPolicy, nodeTaintsPolicy } = constraint
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    const isRepeated = seen.has(pair)
    seen.add(pair)
    return [
      ...(maxSkew > 0 ? [] : [field.invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero')]),
      ...validateTopologyKey(topologyKey, `${at}.topologyKey`),
      ...optionalWord(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']),
      ...(isRepeated ? [field.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair)] : []),
      ...validateMinDomains(constraint, `${at}.minDomains`),
      ...optionalWord(`${at}.nodeAffinityPolicy`, nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...optionalWord(`${at}.nodeTaintsPolicy`, nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...validateMatchKeys(constraint, `${at}.matchLabelKeys`),
      ...validateLabelSelector(labelSelector, `${at}.labelSelector`),
    ]
  })
}

function validateMinDomains({ minDomains, whenUnsatisfiable }: TopologySpreadConstraint, path: string): FieldError[] {
  if (minDomains === undefined) return []
  const errors = minDomains > 0 ? [] : [field.invalid(path, minDomains, 'must be greater than 0')]
  if (whenUnsatisfiable === 'DoNotSchedule') return errors
  return [...errors, field.invalid(path, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`)]
}

function validateMatchKeys({ matchLabelKeys, labelSelector }: TopologySpreadConstraint, path: string): FieldError[] {
  if (!matchLabelKeys?.length) return []
  if (!labelSelector) return [field.forbidden(path, 'must not be specified when labelSelector is not set')]
  const selected = new Set([...Object.keys(labelSelector.matchLabels ?? {}), ...(labelSelector.matchExpressions ?? []).map(({ key }) => key)])
  return inEach(matchLabelKeys, path, (key, at) => [
    ...invalids(at, key, validateLabelKey(key)),
    ...(selected.has(key) ? [field.invalid(at, key, 'exists in both matchLabelKeys and labelSelector')] : []),
  ])
}

export function validateSchedulingGates(gates: readonly PodSchedulingGate[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>()
  return inEach(gates, path, ({ name }, at) => {
    const isRepeated = seen.has(name)
    seen.add(name)
    return [...requiredText(at, name, validateQualifiedName), ...(isRepeated ? [field.duplicate(at, name)] : [])]
  })
}

/** Everything of a pod's spec that says where it may run. */
export function validateScheduling({ affinity, tolerations, topologySpreadConstraints, schedulingGates }: PodSpec, path: string): FieldError[] {
  return [
    ...(affinity ? validateAffinity(affinity, `${path}.affinity`) : []),
    ...validateSchedulingGates(schedulingGates, `${path}.schedulingGates`),
    ...validateSpreadConstraints(topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateTolerations(tolerations, `${path}.tolerations`),
  ]
}
