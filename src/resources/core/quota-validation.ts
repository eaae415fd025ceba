// What is wrong with the limits and scopes of a quota.
// Upstream: pkg/apis/core/validation/validation.go ValidateResourceQuotaSpec
import { type FieldError, field, validateQualifiedName } from '../../machinery/index.js'
import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../shapes/core-v1.js'
import { invalids } from './field-checks.js'
import { isHugePages, standardResources, validateQuantity } from './resource-requirements.js'

// A quota limits requests and limits; storage itself is none of either.
const storage = 'storage'

/** What each scope may limit; a scope that is not here is not supported. */
const podCount = ['pods']
const podAmounts = [...podCount, 'cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const limitedIn: Record<string, readonly string[]> = {
  Terminating: podAmounts,
  NotTerminating: podAmounts,
  BestEffort: podCount,
  NotBestEffort: podAmounts,
  PriorityClass: podAmounts,
  CrossNamespacePodAffinity: podAmounts,
  VolumeAttributesClass: ['persistentvolumeclaims', 'requests.storage'],
}
const opposites = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
]
const withoutValues = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']
const withoutValuesMessage =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

export function validateQuotaSpec(spec: ResourceQuotaSpec): FieldError[] {
  return [...validateQuotaAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec), ...validateSelector(spec)]
}

export function validateQuotaAmounts(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`
    return [...validateName(name, at), ...validateQuantity(name, amount, at)]
  })
}

function validateName(name: string, path: string): FieldError[] {
  const problems = validateQualifiedName(name)
  const isKnown = name.includes('/') || isForQuotas(name)
  if (!problems.length && !isKnown && name !== storage) {
    problems.push('must be a standard resource type or fully qualified')
  }
  return invalids(path, name, isKnown ? problems : [...problems, 'must be a standard resource for quota'])
}

function isForQuotas(name: string): boolean {
  return (standardResources.includes(name) && name !== storage) || isHugePages(name) || name.startsWith('requests.hugepages-')
}

/** `value`: what upstream prints of scopes that do not fit. */
function validateScopeNames(names: readonly string[], { hard }: ResourceQuotaSpec, path: string, value: unknown): FieldError[] {
  return names.flatMap((name) => {
    const unfit = Object.keys(hard ?? {}).filter((limited) => isForQuotas(limited) && !(limitedIn[name] ?? [limited]).includes(limited))
    return unfit.map(() => field.invalid(path, value, 'unsupported scope applied to resource'))
  })
}

function conflicts(names: readonly string[], { scopes }: ResourceQuotaSpec, path: string): FieldError[] {
  return opposites.filter((pair) => pair.every((name) => names.includes(name))).map(() => field.invalid(path, scopes ?? null, 'conflicting scopes'))
}

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const { scopes = [] } = spec
  const path = 'spec.scopes'
  const errors = scopes.flatMap((scope) => [
    ...(Object.hasOwn(limitedIn, scope) ? [] : [field.invalid(path, scopes, 'unsupported scope')]),
    ...validateScopeNames([scope], spec, path, scopes),
  ])
  return [...errors, ...conflicts(scopes, spec, path)]
}

function validateSelector(spec: ResourceQuotaSpec): FieldError[] {
  const { scopeSelector } = spec
  const path = 'spec.scopeSelector.matchExpressions'
  const requirements = scopeSelector?.matchExpressions ?? []
  const errors = requirements.flatMap((requirement) => [
    ...(Object.hasOwn(limitedIn, requirement.scopeName) ? [] : [field.invalid(`${path}.scopeName`, requirement.scopeName, 'unsupported scope')]),
    ...validateScopeNames([requirement.scopeName], spec, path, printedSelector(requirements)),
    ...validateOperator(requirement, path),
  ])
  const names = requirements.map(({ scopeName }) => scopeName)
  return [...errors, ...conflicts(names, spec, path)]
}

function validateOperator({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (withoutValues.includes(scopeName) && operator !== 'Exists') errors.push(field.invalid(`${path}.operator`, operator, withoutValuesMessage))
  if (operator === 'In' || operator === 'NotIn') {
    const problem = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    return values.length ? errors : [...errors, field.required(`${path}.values`, problem)]
  }
  if (operator !== 'Exists' && operator !== 'DoesNotExist') return [...errors, field.invalid(`${path}.operator`, operator, 'not a valid selector operator')]
  const problem = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
  return values.length ? [...errors, field.invalid(`${path}.values`, values, problem)] : errors
}

/** Upstream's internal types print all of their fields under the names of Go. */
function printedSelector(requirements: readonly ScopedResourceSelectorRequirement[]) {
  return { MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({ ScopeName: scopeName, Operator: operator, Values: values ?? null })) }
}
