// Security contexts of pods and containers.
// Upstream: pkg/apis/core/validation/validation.go ValidatePodSecurityContext, ValidateSecurityContext
import { type FieldError, field } from '../../machinery/index.js'
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext, WindowsSecurityContextOptions } from '../shapes/core-v1.js'
import { inEach, optionalWord, requiredText, requiredWord } from './field-checks.js'
import { validateDescendingPath } from './pod-mount-validation.js'

const idMax = 2 ** 31 - 1

export function validatePodSecurity(spec: PodSpec, path: string): FieldError[] {
  const context = spec.securityContext
  const errors = spec.hostNetwork ? validateHostPorts(spec, path) : []
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(field.invalid(`${path}.securityContext.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  if (!context) return errors
  const at = `${path}.securityContext`
  return [
    ...errors,
    ...validateIDs(context, at),
    ...validateGroups(context, at),
    ...validateSysctls(context, `${at}.sysctls`, spec),
    ...validateProfiles(context, at),
  ]
}

// On the node's network a port of the container is a port of the node.
function validateHostPorts({ containers, initContainers }: PodSpec, path: string): FieldError[] {
  const inList = (list: PodSpec['containers'], listPath: string) =>
    inEach(list, listPath, ({ ports }, at) =>
      inEach(ports, `${at}.ports`, ({ hostPort = 0, containerPort }, portPath) =>
        hostPort === containerPort ? [] : [field.invalid(`${portPath}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')],
      ),
    )
  return [...inList(containers, `${path}.containers`), ...inList(initContainers, `${path}.initContainers`)]
}

function validateGroups(
  { fsGroup, supplementalGroups, supplementalGroupsPolicy, fsGroupChangePolicy, seLinuxChangePolicy }: PodSecurityContext,
  path: string,
): FieldError[] {
  return [
    ...validateID(fsGroup, `${path}.fsGroup`),
    ...inEach(supplementalGroups, `${path}.supplementalGroups`, validateID),
    ...optionalWord(`${path}.fsGroupChangePolicy`, fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...optionalWord(`${path}.supplementalGroupsPolicy`, supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...optionalWord(`${path}.seLinuxChangePolicy`, seLinuxChangePolicy, ['MountOption', 'Recursive']),
  ]
}

function validateIDs({ runAsUser, runAsGroup }: PodSecurityContext | SecurityContext, path: string): FieldError[] {
  return [...validateID(runAsUser, `${path}.runAsUser`), ...validateID(runAsGroup, `${path}.runAsGroup`)]
}

function validateID(id: number | undefined, path: string): FieldError[] {
  return id === undefined || (id >= 0 && id <= idMax) ? [] : [field.invalid(path, id, `must be between 0 and ${idMax}, inclusive`)]
}

const sysctlForm = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlName = /^(?:[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/
const sysctlWords = `must have at most 253 characters and match regex ${sysctlForm}`

function validateSysctls({ sysctls }: PodSecurityContext, path: string, spec: PodSpec): FieldError[] {
  const seen = new Set<string>()
  return inEach(sysctls, path, ({ name }, at) => {
    const errors = seen.has(name) ? [field.duplicate(`${at}.name`, name)] : []
    seen.add(name)
    if (!name) return [...errors, field.required(`${at}.name`)]
    if (name.length > 253 || !sysctlName.test(name)) return [...errors, field.invalid(`${at}.name`, name, sysctlWords)]
    const isOfNetwork = /^net[./]/.test(name)
    return spec.hostNetwork && isOfNetwork ? [...errors, field.invalid(at, name, "may not be specified when 'hostNetwork' is true")] : errors
  })
}

function validateProfiles(context: PodSecurityContext | SecurityContext, path: string): FieldError[] {
  return [
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindows(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ]
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const errors = type ? optionalWord(`${path}.type`, type, profileTypes) : [field.required(`${path}.type`, 'type is required when seccompProfile is set')]
  if (type === 'Localhost') {
    if (!localhostProfile) return [...errors, field.required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')]
    return [...errors, ...validateDescendingPath(localhostProfile, `${path}.localhostProfile`)]
  }
  return localhostProfile === undefined
    ? errors
    : [...errors, field.invalid(`${path}.localhostProfile`, localhostProfile, 'can only be set when seccomp type is Localhost')]
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const { type, localhostProfile } = profile
  const at = `${path}.localhostProfile`
  if (!type) return [field.required(`${path}.type`, 'type is required when appArmorProfile is set')]
  if (type !== 'Localhost') {
    const errors = localhostProfile === undefined ? [] : [field.invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost')]
    return [...errors, ...requiredWord(`${path}.type`, type, profileTypes)]
  }
  if (!localhostProfile?.trim()) return [field.required(at, 'must be set when AppArmor type is Localhost')]
  return localhostProfile.trim() === localhostProfile ? [] : [field.invalid(at, localhostProfile, 'must not be padded with whitespace')]
}

function validateWindows(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpec, runAsUserName } = options ?? {}
  return [
    ...(gmsaCredentialSpec === undefined
      ? []
      : requiredTextWith(`${path}.gmsaCredentialSpec`, gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string')),
    ...(runAsUserName === undefined ? [] : requiredTextWith(`${path}.runAsUserName`, runAsUserName, 'runAsUserName cannot be an empty string')),
  ]
}

function requiredTextWith(path: string, value: string, words: string): FieldError[] {
  return value ? [] : [field.invalid(path, value, words)]
}

/** @param hasHostUsers the pod does not run in a user namespace of its own */
export function validateContainerSecurity(context: SecurityContext | undefined, path: string, hasHostUsers: boolean): FieldError[] {
  if (!context) return []
  const { privileged, allowPrivilegeEscalation, capabilities, procMount } = context
  const errors = validateIDs(context, path)
  if (procMount !== undefined) {
    errors.push(...(procMount ? optionalWord(`${path}.procMount`, procMount, ['Default', 'Unmasked']) : requiredText(`${path}.procMount`, procMount)))
    if (procMount === 'Unmasked' && hasHostUsers) {
      errors.push(field.invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
    }
  }
  errors.push(...validateProfiles(context, path))
  if (allowPrivilegeEscalation === false) {
    if (privileged) errors.push(field.invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.push(field.invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
  return errors
}
