// Cluster IPs of a Service, their families and the policy that says how many: on their own and in a change.
// Upstream: pkg/apis/core/validation/validation.go ValidateServiceClusterIPsRelatedFields, validateUpgradeDowngrade…
import { type FieldError, field, ipFamilyOf, validateLegacyIP } from '../../machinery/index.js'
import type { Service, ServiceSpec } from '../shapes/core-v1.js'
import { inEach, invalids, optionalWord } from './field-checks.js'
import { headlessIP, isHeadless, needsClusterIP } from './service-type.js'

const clusterIPsPath = 'spec.clusterIPs'
const familiesPath = 'spec.ipFamilies'
const policyPath = 'spec.ipFamilyPolicy'
const unchangeable = 'may not change once set'

/** What is wrong with addresses, families and policy. Allocation asks this before it begins. */
export function validateClusterIPs({ spec }: Service): FieldError[] {
  if (!needsClusterIP(spec)) return []
  const errors = [
    ...validatePair(spec),
    ...validateFamilies(spec),
    ...optionalWord(policyPath, spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
  ]
  const addressErrors = validateAddresses(spec)
  errors.push(...addressErrors)
  const { clusterIPs = [] } = spec
  if (clusterIPs.length > 2) errors.push(field.invalid(clusterIPsPath, clusterIPs, 'may only hold up to 2 values'))
  // Wrong addresses would make the rest point at wrong places.
  return addressErrors.length ? errors : [...errors, ...validateStacks(spec)]
}

function validatePair({ clusterIP = '', clusterIPs = [] }: ServiceSpec): FieldError[] {
  if (!clusterIP) return clusterIPs.length ? [field.invalid(clusterIPsPath, clusterIPs, 'must be empty when `clusterIP` is not specified')] : []
  if (!clusterIPs.length) return [field.required(clusterIPsPath)]
  return clusterIPs[0] === clusterIP ? [] : [field.invalid(clusterIPsPath, clusterIPs, 'first value must match `clusterIP`')]
}

function validateFamilies({ ipFamilies }: ServiceSpec): FieldError[] {
  const seen = new Set<string>()
  return inEach(ipFamilies, familiesPath, (family, at) => {
    const errors = optionalWord(at, family, ['IPv4', 'IPv6'])
    if (seen.has(family)) errors.push(field.duplicate(at, family))
    seen.add(family)
    return errors
  })
}

function validateAddresses({ clusterIPs = [] }: ServiceSpec): FieldError[] {
  return inEach(clusterIPs, clusterIPsPath, (ip, at, index) => {
    if (index > 0 || ip !== headlessIP) return invalids(at, ip, validateLegacyIP(ip))
    return clusterIPs.length > 1 ? [field.invalid(clusterIPsPath, clusterIPs, "'None' must be the first and only value")] : []
  })
}

function validateStacks({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  const families = clusterIPs.map(ipFamilyOf)
  const errors: FieldError[] = []
  if (clusterIPs.length > 1 && new Set(families).size < 2) {
    errors.push(field.invalid(clusterIPsPath, clusterIPs, 'may specify no more than one IP for each IP family'))
  }
  if (isHeadless({ clusterIPs })) return errors
  ipFamilies.slice(0, clusterIPs.length).forEach((expected, index) => {
    if (!['IPv4', 'IPv6'].includes(expected) || families[index] === expected) return
    errors.push(field.invalid(`${clusterIPsPath}[${index}]`, clusterIPs[index], `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``))
  })
  return errors
}

/** A second address may come and go, the first is for ever; all is new when the service becomes or ceases to be an ExternalName. */
export function validateClusterIPsChange({ spec }: Service, { spec: old }: Service): FieldError[] {
  if (!needsClusterIP(spec) || !needsClusterIP(old)) return []
  return [...validateAddressesChange(spec, old), ...validateFamiliesChange(spec, old)]
}

function validateAddressesChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isHeadless(spec) && isHeadless(old)) return []
  const [ips, oldIPs] = [spec.clusterIPs ?? [], old.clusterIPs ?? []]
  const changed = (index: number) => field.invalid(`${clusterIPsPath}[${index}]`, spec.clusterIPs, unchangeable)
  if (ips.length === oldIPs.length) return oldIPs.flatMap((ip, index) => (ip === ips[index] ? [] : [changed(index)]))
  const errors: FieldError[] = []
  if (!ips.length) errors.push(field.invalid(`${clusterIPsPath}[0]`, spec.clusterIPs, 'primary clusterIP can not be unset'))
  else if (oldIPs.length && ips[0] !== oldIPs[0]) errors.push(changed(0))
  if (ips.length === 1 && oldIPs.length > 1) errors.push(...mustBeSingle(spec, 'secondary clusterIP'))
  return errors
}

function validateFamiliesChange(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isHeadless(spec) || isHeadless(old)) return []
  const [families, oldFamilies] = [spec.ipFamilies ?? [], old.ipFamilies ?? []]
  const changed = (value: unknown) => field.invalid(`${familiesPath}[0]`, value, unchangeable)
  if (families.length === oldFamilies.length) {
    return oldFamilies.flatMap((family, index) => (family === families[index] ? [] : [changed(spec.ipFamilies)]))
  }
  const isReduced = families.length < oldFamilies.length
  const errors: FieldError[] = []
  if (isReduced && !spec.clusterIPs?.length) errors.push(field.invalid(`${familiesPath}[0]`, spec.ipFamilies, 'primary ipFamily can not be unset'))
  // Upstream shows the addresses here, not the families.
  if (families.length && oldFamilies.length && families[0] !== oldFamilies[0]) errors.push(changed(spec.clusterIPs))
  if (isReduced && families.length === 1) errors.push(...mustBeSingle(spec, 'secondary ipFamily'))
  return errors
}

function mustBeSingle({ ipFamilyPolicy }: ServiceSpec, released: string): FieldError[] {
  if (ipFamilyPolicy === 'SingleStack') return []
  return [field.invalid(policyPath, ipFamilyPolicy, `must be set to 'SingleStack' when releasing the ${released}`)]
}
