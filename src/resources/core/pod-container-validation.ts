// Containers of a pod: regular ones, those that run before, and those added to look around.
// Upstream: pkg/apis/core/validation/validation.go validateContainers, validateInitContainers, validateEphemeralContainers
import { type FieldError, field, validateDNSLabel, validatePort, validatePortName } from '../../machinery/index.js'
import type { Container, ContainerPort, ContainerResizePolicy, EphemeralContainer, PodSpec, Volume } from '../shapes/core-v1.js'
import { inEach, invalids, optionalWord, requiredText, requiredWord } from './field-checks.js'
import { validateEnvFrom, validateEnvironment } from './pod-environment-validation.js'
import { validateMounts } from './pod-mount-validation.js'
import { validateProbes } from './pod-probe-validation.js'
import { validateContainerSecurity } from './pod-security-validation.js'
import { validateResourceRequirements } from './resource-requirements.js'

/** What containers must know of the pod around them. */
export interface ContainerSurroundings {
  spec: PodSpec
  /** Sound volumes by name. */
  volumes: ReadonlyMap<string, Volume>
  /** Names of resource claims. */
  claims: ReadonlySet<string>
}

export function validateContainers(surroundings: ContainerSurroundings, path: string): FieldError[] {
  const containers = surroundings.spec.containers ?? []
  if (!containers.length) return [field.required(path)]
  const names = new Set<string>()
  const errors = inEach(containers, path, (container, at) => [
    ...validateContainer(container, at, surroundings),
    ...validateUniqueName(container, at, names),
    ...validateProbes(container, at, graceSecondsOf(surroundings)),
    ...validateRestartPolicy(container, at),
  ])
  return [...errors, ...validateHostPorts(containers, path)]
}

export function validateInitContainers(surroundings: ContainerSurroundings, path: string): FieldError[] {
  const { spec } = surroundings
  const names = new Set((spec.containers ?? []).map(({ name }) => name))
  return inEach(spec.initContainers, path, (container, at) => [
    ...validateContainer(container, at, surroundings),
    ...validateRestartPolicy(container, at),
    ...validateUniqueName(container, at, names),
    ...validateHostPorts([container], path),
    ...(container.restartPolicy === 'Always' ? validateProbes(container, at, graceSecondsOf(surroundings)) : forbidProbes(container, at)),
  ])
}

const graceSecondsOf = ({ spec }: ContainerSurroundings) => spec.terminationGracePeriodSeconds ?? 30

function forbidProbes(container: Container, path: string): FieldError[] {
  const given = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter((name) => container[name])
  return given.map((name) => field.forbidden(`${path}.${name}`, 'may not be set for init containers without restartPolicy=Always'))
}

const forbiddenInEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const

export function validateEphemeralContainers(surroundings: ContainerSurroundings, path: string): FieldError[] {
  const { spec } = surroundings
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name))
  const names = new Set(others)
  return inEach(spec.ephemeralContainers, path, (container, at) => {
    const { targetContainerName: target, volumeMounts } = container
    return [
      ...validateContainer(container, at, surroundings),
      ...validateImageSpaces(container, at),
      ...validateUniqueName(container, at, names),
      ...(target && !others.has(target) ? [field.notFound(`${at}.targetContainerName`, target)] : []),
      ...forbiddenInEphemeral.filter((name) => isSet(container, name)).map((name) => field.forbidden(`${at}.${name}`, notEphemeral)),
      ...inEach(volumeMounts, `${at}.volumeMounts`, ({ subPath, subPathExpr }, mountPath) => [
        ...(subPath ? [field.forbidden(`${mountPath}.subPath`, notEphemeral)] : []),
        ...(subPathExpr ? [field.forbidden(`${mountPath}.subPathExpr`, notEphemeral)] : []),
      ]),
    ]
  })
}

const notEphemeral = 'cannot be set for an Ephemeral Container'

function isSet(container: EphemeralContainer, name: (typeof forbiddenInEphemeral)[number]): boolean {
  const value = container[name]
  return typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined
}

/** What pods must heed and templates need not. `path` is the list's. */
export function validateImages(containers: readonly Container[] | null | undefined, path: string): FieldError[] {
  return inEach(containers, path, validateImageSpaces)
}

function validateImageSpaces({ image = '' }: Container, path: string): FieldError[] {
  return image === image.trim() ? [] : [field.invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]
}

function validateUniqueName({ name }: Container, path: string, names: Set<string>): FieldError[] {
  if (names.has(name)) return [field.duplicate(`${path}.name`, name)]
  names.add(name)
  return []
}

/** What all containers have in common. */
function validateContainer(container: Container, path: string, { spec, volumes, claims }: ContainerSurroundings): FieldError[] {
  const { name, image, ports, env, envFrom, resources, resizePolicy, securityContext } = container
  return [
    ...requiredText(`${path}.name`, name, validateDNSLabel),
    ...requiredText(`${path}.image`, image),
    ...requiredWord(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...validatePorts(ports, `${path}.ports`),
    ...validateEnvironment(env, `${path}.env`),
    ...validateEnvFrom(envFrom, `${path}.envFrom`),
    ...validateMounts(container, path, volumes),
    ...requiredWord(`${path}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...validateResourceRequirements(resources, `${path}.resources`, claims),
    ...validateResizePolicy(resizePolicy, `${path}.resizePolicy`, spec.restartPolicy),
    ...validateContainerSecurity(securityContext, `${path}.securityContext`, spec.hostUsers !== false),
  ]
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const names = new Set<string>()
  return inEach(ports, path, ({ name, containerPort, hostPort, protocol }, at) => {
    const errors: FieldError[] = []
    if (name) {
      const problems = validatePortName(name)
      errors.push(...invalids(`${at}.name`, name, problems))
      if (!problems.length && names.has(name)) errors.push(field.duplicate(`${at}.name`, name))
      names.add(name)
    }
    if (!containerPort) errors.push(field.required(`${at}.containerPort`))
    else errors.push(...invalids(`${at}.containerPort`, containerPort, validatePort(containerPort)))
    if (hostPort) errors.push(...invalids(`${at}.hostPort`, hostPort, validatePort(hostPort)))
    return [...errors, ...requiredWord(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'])]
  })
}

/** A port of the node serves one container only. */
function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const taken = new Set<string>()
  return inEach(containers, path, ({ ports }, at) =>
    inEach(ports, `${at}.ports`, ({ protocol, hostIP = '', hostPort }, portPath) => {
      if (!hostPort) return []
      const key = `${protocol}/${hostIP}/${hostPort}`
      const isTaken = taken.has(key)
      taken.add(key)
      return isTaken ? [field.duplicate(`${portPath}.hostPort`, key)] : []
    }),
  )
}

function validateResizePolicy(policies: readonly ContainerResizePolicy[] | undefined, path: string, podRestartPolicy: string | undefined): FieldError[] {
  const seen = new Set<string>()
  return inEach(policies, path, ({ resourceName, restartPolicy }) => {
    const errors = seen.has(resourceName) ? [field.duplicate(path, resourceName)] : []
    seen.add(resourceName)
    errors.push(...requiredWord(path, resourceName, ['cpu', 'memory']), ...requiredWord(path, restartPolicy, ['NotRequired', 'RestartContainer']))
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(field.invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
    return errors
  })
}

function validateRestartPolicy({ restartPolicy, restartPolicyRules }: Container, path: string): FieldError[] {
  const errors = optionalWord(`${path}.restartPolicy`, restartPolicy, ['Always', 'Never', 'OnFailure'])
  if (!restartPolicyRules?.length) return errors
  if (restartPolicy === undefined) errors.push(field.required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
  if (restartPolicyRules.length > 20) errors.push(field.tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, 20))
  return [
    ...errors,
    ...inEach(restartPolicyRules, `${path}.restartPolicyRules`, ({ action, exitCodes }, at) => [
      ...requiredWord(`${at}.action`, action, ['Restart']),
      ...(exitCodes ? optionalWord(`${at}.exitCodes.operator`, exitCodes.operator ?? '', ['In', 'NotIn']) : [field.required(`${at}.exitCodes`)]),
    ]),
  ]
}
