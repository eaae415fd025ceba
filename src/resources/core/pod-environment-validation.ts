// Environment variables of containers, and the fields of a pod that they and volumes may show.
// Upstream: pkg/apis/core/validation/validation.go ValidateEnv, ValidateEnvFrom, validateObjectFieldSelector
import { type FieldError, field, parseQuantity, validateConfigKey, validateDNSSubdomain, validateQualifiedName } from '../../machinery/index.js'
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../shapes/core-v1.js'
import { inEach, invalids, requiredText } from './field-checks.js'

export function validateEnvironment(env: readonly EnvVar[] | undefined, path: string): FieldError[] {
  return inEach(env, path, (variable, at) => [
    ...requiredText(`${at}.name`, variable.name, variableNameProblems),
    ...(variable.valueFrom ? validateValueFrom(variable.valueFrom, variable.value, `${at}.valueFrom`) : []),
  ])
}

const printable = /^[ -<>-~]+$/
const printableWords = "a valid environment variable name must consist only of printable ASCII characters other than '='"

const variableNameProblems = (name: string) => (printable.test(name) ? [] : [printableWords])

function validateValueFrom(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length
  const errors = [
    ...(fieldRef ? validateFieldReference(fieldRef, `${path}.fieldRef`, fieldsOfVariables) : []),
    ...(resourceFieldRef ? validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...(configMapKeyRef ? validateKey(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? validateKey(secretKeyRef, `${path}.secretKeyRef`) : []),
    ...(fileKeyRef ? ['volumeName', 'path', 'key'].flatMap((name) => requiredText(`${path}.fileKeyRef.${name}`, fileKeyRef[name as 'key'])) : []),
  ]
  if (!count) errors.push(field.invalid(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
  if (value && count) errors.push(field.invalid(path, '', 'may not be specified when `value` is not empty'))
  else if (count > 1) errors.push(field.invalid(path, '', 'may not have more than one field specified at a time'))
  return errors
}

function validateKey({ name = '', key }: { name?: string; key: string }, path: string): FieldError[] {
  return [...invalids(`${path}.name`, name, validateDNSSubdomain(name)), ...requiredText(`${path}.key`, key, validateConfigKey)]
}

export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  return inEach(sources, path, ({ prefix, configMapRef, secretRef }, at) => {
    const errors = prefix ? invalids(`${at}.prefix`, prefix, variableNameProblems(prefix)) : []
    if (configMapRef) errors.push(...requiredText(`${at}.configMapRef.name`, configMapRef.name, validateDNSSubdomain))
    if (secretRef) errors.push(...requiredText(`${at}.secretRef.name`, secretRef.name, validateDNSSubdomain))
    // Upstream names the list here, not its member.
    if (!configMapRef && !secretRef) errors.push(field.invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    if (configMapRef && secretRef) errors.push(field.invalid(path, '', 'may not have more than one field specified at a time'))
    return errors
  })
}

const fieldsOfVariables = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
export const fieldsOfVolumes = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid']

// Everything that has a name at all, whoever may use it.
const known = new Set([...fieldsOfVariables, ...fieldsOfVolumes, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase'])

/** @param supported the paths that may be named here, sorted */
export function validateFieldReference({ apiVersion, fieldPath }: ObjectFieldSelector, path: string, supported: readonly string[]): FieldError[] {
  if (!apiVersion) return [field.required(`${path}.apiVersion`)]
  if (!fieldPath) return [field.required(`${path}.fieldPath`)]
  const at = `${path}.fieldPath`
  const refuse = (cause: string) => [field.invalid(at, fieldPath, `error converting fieldPath: ${cause}`)]
  if (apiVersion !== 'v1') return refuse(`unsupported pod version: ${apiVersion}`)
  const { map, key } = splitSubscript(fieldPath)
  if (map === 'metadata.labels') return invalids(at, fieldPath, validateQualifiedName(key))
  if (map === 'metadata.annotations') return invalids(at, fieldPath, validateQualifiedName(key.toLowerCase()))
  if (map) return refuse(`field label does not support subscript: ${fieldPath}`)
  if (!known.has(fieldPath) && fieldPath !== 'spec.host') return refuse(`field label not supported: ${fieldPath}`)
  const internal = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath
  return supported.includes(internal) ? [] : [field.notSupported(at, internal, supported)]
}

/** `metadata.labels['app']`; `map` is empty when there is no subscript. */
function splitSubscript(fieldPath: string): { map: string; key: string } {
  const start = fieldPath.endsWith("']") ? fieldPath.indexOf("['") : -1
  return start > 0 ? { map: fieldPath.slice(0, start), key: fieldPath.slice(start + 2, -2) } : { map: '', key: '' }
}

const resourceFields = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory']
const hugePages = /^(?:limits|requests)\.hugepages-/
const sizes = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']

/** @param inVolume volumes must say whose resource they mean */
export function validateResourceReference(reference: ResourceFieldSelector, path: string, inVolume = false): FieldError[] {
  const { containerName, resource, divisor } = reference
  if (inVolume && !containerName) return [field.required(`${path}.containerName`)]
  if (!resource) return [field.required(`${path}.resource`)]
  const errors = resourceFields.includes(resource) || hugePages.test(resource) ? [] : [field.notSupported(`${path}.resource`, resource, resourceFields)]
  return [...errors, ...validateDivisor(resource, divisor, `${path}.divisor`)]
}

function validateDivisor(resource: string, divisor: string | undefined, path: string): FieldError[] {
  const given = parseQuantity(divisor ?? '0')
  if (!given?.nanos) return []
  const isCPU = resource.endsWith('.cpu')
  const allowed = isCPU ? ['1m', '1'] : sizes
  if (allowed.some((size) => parseQuantity(size)?.nanos === given.nanos)) return []
  const noun = resource.endsWith('.cpu')
    ? 'cpu'
    : resource.endsWith('.memory')
      ? 'memory'
      : resource.includes('hugepages-')
        ? 'hugepages'
        : 'local ephemeral storage'
  const list = isCPU ? '1m and 1' : sizes.join(', ')
  return [field.invalid(path, resource, `only divisor's values ${list} are supported with the ${noun} resource`)]
}
