// Which address families a Service has: from its policy, its addresses and what the cluster has.
// Upstream: pkg/registry/core/service/storage/alloc.go initIPFamilyFields
import { deepEqual, type FieldError, field, type IPFamily, ipFamilyOf } from '../machinery/index.js'
import { headlessIP, needsClusterIP, type Service, type ServiceSpec, validateClusterIPs } from '../resources/index.js'

const policyPath = 'spec.ipFamilyPolicy'

const other = (family: string): IPFamily => (family === 'IPv4' ? 'IPv6' : 'IPv4')

/**
 * Fills policy and families into the draft.
 * @param configured families of the cluster; the first one is the default
 * @returns what is wrong; then nothing may be allocated
 */
export function settleFamilies(draft: Service, old: Service | undefined, configured: readonly IPFamily[]): FieldError[] {
  const { spec } = draft
  if (!needsClusterIP(spec) || (old && isSettledPreference(spec, old.spec))) return []
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isFree(spec) ? 'RequireDualStack' : 'SingleStack')
  const malformed = validateClusterIPs(draft)
  if (malformed.length) return malformed
  const errors = [...(old ? reduce(spec, old.spec) : []), ...validateCounts(spec), ...inferFamilies(spec, configured)]
  if (errors.length) return errors
  if (isFree(spec)) {
    fillFreely(spec, configured)
    return []
  }
  const unavailable = validateAvailable(spec, configured)
  if (!unavailable.length) fill(spec, configured)
  return unavailable
}

/** Headless without a selector: whoever makes the endpoints decides, so that the cluster's families do not matter. */
function isFree({ clusterIP, selector }: ServiceSpec): boolean {
  return clusterIP === headlessIP && !Object.keys(selector ?? {}).length
}

/**
 * A service that prefers two stacks is left as it is when the cluster has got or lost one: only a change of its own
 * fields is a reason to look again.
 */
export function isSettledPreference(spec: ServiceSpec, old: ServiceSpec): boolean {
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    spec.type === old.type &&
    needsClusterIP(spec) &&
    isSame(spec.clusterIPs, old.clusterIPs) &&
    isSame(spec.ipFamilies, old.ipFamilies)
  )
}

const isSame = (one: readonly string[] | undefined, two: readonly string[] | undefined) => deepEqual(one ?? [], two ?? [])

/** Going back to one stack: the policy alone says it, and nothing else does. */
function reduce(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (spec.clusterIPs && isSame(spec.clusterIPs, old.clusterIPs)) spec.clusterIPs = spec.clusterIPs.slice(0, 1)
    if (spec.ipFamilies && isSame(spec.ipFamilies, old.ipFamilies)) spec.ipFamilies = spec.ipFamilies.slice(0, 1)
    return []
  }
  const errors: FieldError[] = []
  const refuse = (released: string) => errors.push(field.invalid(policyPath, spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${released}`))
  if (isReduced(spec.clusterIPs, old.clusterIPs)) refuse('cluster IP')
  if (isReduced(spec.ipFamilies, old.ipFamilies)) refuse('IP family')
  return errors
}

function isReduced(list: readonly string[] | undefined, old: readonly string[] | undefined): boolean {
  return Boolean(list?.length) && (list?.length ?? 0) < (old?.length ?? 0)
}

function validateCounts({ ipFamilyPolicy, clusterIPs, ipFamilies }: ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return []
  const errors: FieldError[] = []
  const refuse = (what: string) =>
    errors.push(field.invalid(policyPath, ipFamilyPolicy, `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`))
  if (clusterIPs?.length === 2) refuse('cluster IPs')
  if (ipFamilies?.length === 2) refuse('IP families')
  return errors
}

/** An address says its family where no family is said. */
function inferFamilies(spec: ServiceSpec, configured: readonly IPFamily[]): FieldError[] {
  const errors: FieldError[] = []
  const { clusterIPs = [] } = spec
  if (clusterIPs[0] === headlessIP) return errors
  const families = [...(spec.ipFamilies ?? [])]
  clusterIPs.forEach((ip, index) => {
    if (index < families.length) return
    const family = ipFamilyOf(ip) ?? 'unknown'
    if ((configured as readonly string[]).includes(family)) families.push(family)
    else errors.push(field.invalid(`spec.clusterIPs[${index}]`, clusterIPs, `${family} is not configured on this cluster`))
  })
  if (families.length) spec.ipFamilies = families
  return errors
}

function fillFreely(spec: ServiceSpec, [primary]: readonly IPFamily[]): void {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : [primary]
  spec.ipFamilies = families.length < 2 && spec.ipFamilyPolicy !== 'SingleStack' ? [families[0], other(families[0])] : families
}

function validateAvailable({ ipFamilyPolicy, ipFamilies = [] }: ServiceSpec, configured: readonly IPFamily[]): FieldError[] {
  const errors: FieldError[] = []
  if (ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    errors.push(field.invalid(policyPath, ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  }
  ipFamilies.forEach((family, index) => {
    if (!(configured as readonly string[]).includes(family)) errors.push(field.invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  })
  return errors
}

function fill(spec: ServiceSpec, configured: readonly IPFamily[]): void {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : [configured[0]]
  const isWidened = spec.ipFamilyPolicy !== 'SingleStack' && families.length === 1 && configured.length === 2
  spec.ipFamilies = isWidened ? [families[0], other(families[0])] : families
}
