// All that can be wrong with a pod's spec, in a Pod or in the template of one.
// Upstream: pkg/apis/core/validation/validation.go ValidatePodSpec, ValidatePodCreate, ValidatePodTemplateSpec
import {
  type FieldError,
  field,
  formatQuantity,
  parseIP,
  parseQuantity,
  validateAnnotations,
  validateDNSLabel,
  validateDNSSubdomain,
  validateLabels,
  validateQualifiedName,
} from '../../machinery/index.js'
import type { Pod, PodDNSConfig, PodSpec, PodTemplateSpec } from '../shapes/core-v1.js'
import { inEach, invalids, optionalText, optionalWord, requiredText, requiredWord, within } from './field-checks.js'
import {
  type ContainerSurroundings,
  validateContainers,
  validateEphemeralContainers,
  validateImages,
  validateInitContainers,
} from './pod-container-validation.js'
import { validateScheduling } from './pod-scheduling-validation.js'
import { validatePodSecurity } from './pod-security-validation.js'
import { validateVolumes } from './pod-volume-validation.js'
import { validateResourceRequirements } from './resource-requirements.js'

export interface PodSpecOptions {
  /** The spec is of a Pod, not of a template: a little stricter. */
  ofPod?: boolean
}

/** All that is wrong with a new Pod but for its metadata. */
export function validatePod({ spec }: Pod): FieldError[] {
  const errors = validatePodSpec(spec, 'spec', { ofPod: true })
  if (spec.ephemeralContainers?.length) errors.push(field.forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  if (spec.schedulingGates?.length && spec.nodeName) errors.push(field.forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  return errors
}

/** All that is wrong with the template of a workload. */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, path: string): FieldError[] {
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(spec ?? ({} as PodSpec), `${path}.spec`),
    ...(spec?.ephemeralContainers?.length ? [field.forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')] : []),
  ]
}

// Specs that had nothing wrong as those of pods, and as those of templates. What is stored does not change, and stays part of the next states.
const soundSpecs = { ofPods: new WeakSet<PodSpec>(), ofTemplates: new WeakSet<PodSpec>() }

/** @param path of the spec: `spec`, `spec.template.spec` */
export function validatePodSpec(spec: PodSpec, path: string, { ofPod = false }: PodSpecOptions = {}): FieldError[] {
  const sound = ofPod ? soundSpecs.ofPods : soundSpecs.ofTemplates
  if (sound.has(spec)) return []
  const errors = podSpecErrors(spec, path, ofPod)
  if (!errors.length) sound.add(spec)
  return errors
}

function podSpecErrors(spec: PodSpec, path: string, ofPod: boolean): FieldError[] {
  const { errors: volumeErrors, sound } = validateVolumes(spec.volumes, `${path}.volumes`)
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const surroundings: ContainerSurroundings = { spec, volumes: sound, claims }
  return [
    ...volumeErrors,
    ...validateResourceClaims(spec, `${path}.resourceClaims`),
    ...validateContainers(surroundings, `${path}.containers`),
    ...validateInitContainers(surroundings, `${path}.initContainers`),
    ...validateEphemeralContainers(surroundings, `${path}.ephemeralContainers`),
    ...validateOwnResources(spec, `${path}.resources`),
    ...validatePolicies(spec, path),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurity(spec, path),
    ...validatePullSecrets(spec, `${path}.imagePullSecrets`),
    ...validateDNS(spec, `${path}.dnsConfig`),
    ...validateReadinessGates(spec, `${path}.readinessGates`),
    ...validateScheduling(spec, path),
    ...validateNames(spec, path),
    ...within(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, [1, 2 ** 31 - 1]),
    ...validateHostAliases(spec, `${path}.hostAliases`),
    ...validateHostUse(spec, path),
    ...(ofPod ? [...validateImages(spec.containers, `${path}.containers`), ...validateImages(spec.initContainers, `${path}.initContainers`)] : []),
  ]
}

function validatePolicies(spec: PodSpec, path: string): FieldError[] {
  return [
    ...requiredWord(`${path}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...requiredWord(`${path}.dnsPolicy`, spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']),
    ...optionalWord(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']),
    ...(spec.os ? requiredWord(`${path}.os.name`, spec.os.name, ['linux', 'windows']) : []),
  ]
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const { serviceAccountName, nodeName, hostname, subdomain, priorityClassName, runtimeClassName } = spec
  return [
    ...optionalText(`${path}.serviceAccountName`, serviceAccountName, validateDNSSubdomain),
    ...optionalText(`${path}.nodeName`, nodeName, validateDNSSubdomain),
    ...optionalText(`${path}.hostname`, hostname, validateDNSLabel),
    ...optionalText(`${path}.subdomain`, subdomain, validateDNSLabel),
    ...optionalText(`${path}.priorityClassName`, priorityClassName, validateDNSSubdomain),
    ...(runtimeClassName === undefined ? [] : invalids(`${path}.runtimeClassName`, runtimeClassName, validateDNSSubdomain(runtimeClassName))),
  ]
}

function validateResourceClaims({ resourceClaims }: PodSpec, path: string): FieldError[] {
  const seen = new Set<string>()
  return inEach(resourceClaims, path, (claim, at) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const errors = requiredText(`${at}.name`, name, validateDNSLabel)
    if (name && seen.has(name)) errors.push(field.duplicate(`${at}.name`, name))
    seen.add(name)
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(field.invalid(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(field.invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    }
    return errors
  })
}

/** Resources of the pod as a whole: nothing its containers exceed together. */
function validateOwnResources(spec: PodSpec, path: string): FieldError[] {
  const { resources } = spec
  if (!resources) return []
  const errors = validateResourceRequirements(resources, path, new Set())
  if (resources.claims?.length) errors.push(field.forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'))
  for (const side of ['requests', 'limits'] as const) {
    for (const name of Object.keys(resources[side] ?? {})) {
      if (!['cpu', 'memory'].includes(name) && !name.startsWith('hugepages-')) {
        errors.push(field.notSupported(`${path}.${side}[${name}]`, name, ['cpu', 'memory', 'hugepages-']))
      }
    }
  }
  for (const [name, text] of Object.entries(resources.requests ?? {})) {
    const total = formatQuantity({ nanos: totalOf(spec, name), format: parseQuantity(text)?.format ?? 'decimal' })
    if (totalOf(spec, name) > nanosOf(text)) {
      errors.push(field.invalid(`${path}.requests[${name}]`, text, `must be greater than or equal to aggregate container requests of ${total}`))
    }
  }
  return errors
}

const nanosOf = (text: string | undefined) => parseQuantity(text ?? '0')?.nanos ?? 0n
const totalOf = ({ containers }: PodSpec, name: string) => (containers ?? []).reduce((sum, { resources }) => sum + nanosOf(resources.requests?.[name]), 0n)

function validatePullSecrets({ imagePullSecrets }: PodSpec, path: string): FieldError[] {
  return inEach(imagePullSecrets, path, (secret, at) =>
    Object.keys(secret).every((key) => key === 'name') ? [] : [field.invalid(at, secret, 'only name may be set')],
  )
}

function validateReadinessGates({ readinessGates }: PodSpec, path: string): FieldError[] {
  return inEach(readinessGates, path, ({ conditionType }, at) => invalids(`${at}.conditionType`, conditionType, validateQualifiedName(conditionType)))
}

const nameserversMax = 3
const searchesMax = 32
const searchCharactersMax = 2048

function validateDNS({ dnsPolicy, dnsConfig }: PodSpec, path: string): FieldError[] {
  if (dnsPolicy === 'None' && !dnsConfig) return [field.required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
  if (!dnsConfig) return []
  const { nameservers = [] } = dnsConfig
  const errors =
    dnsPolicy === 'None' && !nameservers.length
      ? [field.required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
      : []
  if (nameservers.length > nameserversMax)
    errors.push(field.invalid(`${path}.nameservers`, nameservers, `must not have more than ${nameserversMax} nameservers`))
  return [...errors, ...inEach(nameservers, `${path}.nameservers`, validateIP), ...validateSearches(dnsConfig, path)]
}

function validateSearches({ searches = [], options }: PodDNSConfig, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (searches.length > searchesMax) errors.push(field.invalid(`${path}.searches`, searches, `must not have more than ${searchesMax} search paths`))
  if (searches.join(' ').length > searchCharactersMax) {
    errors.push(field.invalid(`${path}.searches`, searches, `must not have more than ${searchCharactersMax} characters (including spaces) in the search list`))
  }
  return [
    ...errors,
    // A lone dot, names with underscores and a dot at the end are all in use.
    ...inEach(searches, `${path}.searches`, (search, at) =>
      search === '.'
        ? []
        : invalids(
            at,
            search,
            validateDNSSubdomain(
              search
                .replace(/\.$/, '')
                .replaceAll('_', '-')
                .replace(/(^|\.)-/g, '$1x'),
            ),
          ),
    ),
    ...inEach(options, `${path}.options`, ({ name }, at) => (name ? [] : [field.required(at, 'must not be empty')])),
  ]
}

function validateHostAliases({ hostAliases }: PodSpec, path: string): FieldError[] {
  return inEach(hostAliases, path, ({ ip, hostnames }, at) => [
    ...validateIP(ip, `${at}.ip`),
    ...(hostnames ?? []).flatMap((name) => invalids(`${at}.hostnames`, name, validateDNSSubdomain(name))),
  ])
}

function validateIP(ip: string, path: string): FieldError[] {
  return parseIP(ip) ? [] : [field.invalid(path, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
}

// A pod with users of its own shares nothing else with the node.
function validateHostUse({ hostUsers, hostNetwork, hostPID, hostIPC }: PodSpec, path: string): FieldError[] {
  if (hostUsers !== false) return []
  const shared = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, isShared]) => isShared)
  return shared.map(([name]) => field.forbidden(`${path}.${name}`, `when \`hostUsers\` is false`))
}
