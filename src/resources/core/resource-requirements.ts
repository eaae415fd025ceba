// Requests and limits of containers and pods: which resources there are and how much of them.
// Upstream: pkg/apis/core/validation/validation.go ValidateContainerResourceRequirements, pkg/apis/core/helper
import { type FieldError, field, parseQuantity, validateQualifiedName } from '../../machinery/index.js'
import type { ResourceRequirements } from '../shapes/core-v1.js'
import { invalids } from './field-checks.js'

const ofContainers = ['cpu', 'memory', 'ephemeral-storage']
const countable = [
  'pods',
  'resourcequotas',
  'replicationcontrollers',
  'services',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]
/** Resources that go by one word. */
export const standardResources = [
  ...ofContainers,
  ...countable,
  'storage',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'requests.storage',
]

/** @param claims names of the pod's resource claims */
export function validateResourceRequirements(resources: ResourceRequirements, path: string, claims: ReadonlySet<string>): FieldError[] {
  const { limits, requests } = resources
  if (!limits && !requests && !resources.claims) return []
  const errors: FieldError[] = []
  for (const name in limits) errors.push(...validateAmount(name, limits[name], `${path}.limits[${name}]`))
  for (const name in requests) {
    errors.push(...validateAmount(name, requests[name], `${path}.requests[${name}]`))
    errors.push(...validateRequest(name, requests[name], limits, path))
  }
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) errors.push(field.forbidden(path, 'HugePages require cpu or memory'))
  return [...errors, ...validateClaims(resources, `${path}.claims`, claims)]
}

function validateAmount(name: string, text: string, path: string): FieldError[] {
  return [...validateName(name, path), ...validateQuantity(name, text, path)]
}

function validateName(name: string, path: string): FieldError[] {
  if (ofContainers.includes(name)) return []
  const problems = validateQualifiedName(name)
  if (problems.length) return invalids(path, name, problems)
  if (name.includes('/')) {
    return isNative(name) || isExtended(name) ? [] : [field.invalid(path, name, "doesn't follow extended resource name standard")]
  }
  if (isHugePages(name)) return []
  // Upstream checks twice, so that an unknown word is wrong twice.
  const known = standardResources.includes(name) ? [] : ['must be a standard resource type or fully qualified']
  return invalids(path, name, [...known, 'must be a standard resource for containers'])
}

/** An amount of a resource: not negative, and whole where only whole ones make sense. */
export function validateQuantity(name: string, text: string, path: string): FieldError[] {
  const { nanos } = parseQuantity(text) ?? { nanos: 0n }
  if (nanos < 0n) return [field.invalid(path, text, 'must be greater than or equal to 0')]
  const isWhole = countable.includes(name) || isExtended(name)
  return isWhole && nanos % 1_000_000_000n !== 0n ? [field.invalid(path, text, 'must be an integer')] : []
}

function validateRequest(name: string, request: string, limits: Record<string, string> | undefined, path: string): FieldError[] {
  const limit = limits?.[name]
  if (limit === undefined) return isOvercommittable(name) ? [] : [field.required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  if (limit === request) return []
  const difference = (parseQuantity(request)?.nanos ?? 0n) - (parseQuantity(limit)?.nanos ?? 0n)
  if (difference !== 0n && !isOvercommittable(name)) return [field.invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)]
  return difference > 0n ? [field.invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : []
}

function validateClaims({ claims }: ResourceRequirements, path: string, known: ReadonlySet<string>): FieldError[] {
  const seen = new Set<string>()
  return (claims ?? []).flatMap(({ name, request }, index) => {
    if (!name) return [field.required(`${path}[${index}]`)]
    const key = request ? `${name}/${request}` : name
    const isRepeated = seen.has(name) || seen.has(key)
    seen.add(key)
    if (isRepeated) return [field.duplicate(`${path}[${index}]`, key)]
    return known.has(name) ? [] : [field.notFound(`${path}[${index}]`, name)]
  })
}

export const isHugePages = (name: string) => name.startsWith('hugepages-')
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/')
const isOvercommittable = (name: string) => isNative(name) && !isHugePages(name)
/** Neither of Kubernetes itself nor a quota of one: `example.com/gpu`. */
export const isExtended = (name: string) => !isNative(name) && !name.startsWith('requests.') && validateQualifiedName(`requests.${name}`).length === 0
