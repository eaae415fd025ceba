// Where containers mount volumes and open devices.
// Upstream: pkg/apis/core/validation/validation.go ValidateVolumeMounts, ValidateVolumeDevices
import { type FieldError, field } from '../../machinery/index.js'
import type { Container, Volume, VolumeDevice, VolumeMount } from '../shapes/core-v1.js'
import { inEach, optionalWord } from './field-checks.js'

/** @param volumes the sound volumes of the pod, by name; `path` is the container's */
export function validateMounts(container: Container, path: string, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container
  if (!volumeMounts.length && !volumeDevices.length) return []
  const mounted = { names: new Set(volumeMounts.map(({ name }) => name)), paths: new Set(volumeMounts.map(({ mountPath }) => mountPath)) }
  const opened = { names: new Set(volumeDevices.map(({ name }) => name)), paths: new Set(volumeDevices.map(({ devicePath }) => devicePath)) }
  const forMounts = { container, volumes, taken: { names: new Set<string>(), paths: new Set<string>() }, others: opened }
  const forDevices = { container, volumes, taken: { names: new Set<string>(), paths: new Set<string>() }, others: mounted }
  return [
    ...inEach(volumeMounts, `${path}.volumeMounts`, (mount, at) => validateMount(mount, at, `${path}.volumeMounts`, forMounts)),
    ...inEach(volumeDevices, `${path}.volumeDevices`, (device, at) => validateDevice(device, at, forDevices)),
  ]
}

interface Places {
  names: Set<string>
  paths: Set<string>
}

interface Mounting {
  container: Container
  volumes: ReadonlyMap<string, Volume>
  /** By the members of the list so far. */
  taken: Places
  /** By the other list: devices for mounts, mounts for devices. */
  others: Places
}

function validateMount(mount: VolumeMount, path: string, listPath: string, { container, volumes, taken, others }: Mounting): FieldError[] {
  const { name, mountPath, subPath, subPathExpr } = mount
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  if (!volumes.has(name)) errors.push(field.notFound(`${path}.name`, name))
  if (!mountPath) errors.push(field.required(`${path}.mountPath`))
  if (taken.paths.has(mountPath)) errors.push(field.invalid(`${path}.mountPath`, mountPath, 'must be unique'))
  taken.paths.add(mountPath)
  if (others.names.has(name)) errors.push(field.invalid(`${path}.name`, name, 'must not already exist in volumeDevices'))
  if (others.paths.has(mountPath)) errors.push(field.invalid(`${path}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
  // Upstream names the list, not its member, from here on but once.
  if (subPath) errors.push(...validateDescendingPath(subPath, `${listPath}.subPath`))
  if (subPathExpr && subPath) errors.push(field.invalid(`${path}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
  if (subPathExpr) errors.push(...validateDescendingPath(subPathExpr, `${listPath}.subPathExpr`))
  return [...errors, ...validatePropagation(mount, container, `${listPath}.mountPropagation`), ...validateRecursiveReadOnly(mount, `${path}.recursiveReadOnly`)]
}

function validatePropagation({ mountPropagation }: VolumeMount, { securityContext }: Container, path: string): FieldError[] {
  const errors = optionalWord(path, mountPropagation, ['Bidirectional', 'HostToContainer', 'None'])
  if (mountPropagation === 'Bidirectional' && !securityContext?.privileged) {
    errors.push(field.forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'))
  }
  return errors
}

function validateRecursiveReadOnly({ recursiveReadOnly, readOnly, mountPropagation }: VolumeMount, path: string): FieldError[] {
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return []
  const errors = optionalWord(path, recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'])
  if (errors.length) return errors
  if (!readOnly) errors.push(field.forbidden(path, 'may only be specified when readOnly is true'))
  if (mountPropagation && mountPropagation !== 'None')
    errors.push(field.forbidden(path, 'may only be specified when mountPropagation is None or not specified'))
  return errors
}

function validateDevice(device: VolumeDevice, path: string, { volumes, taken, others }: Mounting): FieldError[] {
  const { name, devicePath } = device
  const volume = volumes.get(name)
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  if (taken.names.has(name)) errors.push(field.invalid(`${path}.name`, name, 'must be unique'))
  taken.names.add(name)
  if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
    errors.push(field.invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
  }
  if (!volume) errors.push(field.notFound(`${path}.name`, name))
  if (!devicePath) errors.push(field.required(`${path}.devicePath`))
  if (taken.paths.has(devicePath)) errors.push(field.invalid(`${path}.devicePath`, devicePath, 'must be unique'))
  if (hasBackstep(devicePath)) errors.push(field.invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"))
  else taken.paths.add(devicePath)
  if (others.names.has(name)) errors.push(field.invalid(`${path}.name`, name, 'must not already exist in volumeMounts'))
  if (others.paths.has(devicePath)) errors.push(field.invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
  return errors
}

/** A relative path that does not climb. */
export function validateDescendingPath(value: string, path: string): FieldError[] {
  const errors = value.startsWith('/') ? [field.invalid(path, value, 'must be a relative path')] : []
  return [...errors, ...validateNoBackstep(value, path)]
}

export function validateNoBackstep(value: string, path: string): FieldError[] {
  return hasBackstep(value) ? [field.invalid(path, value, "must not contain '..'")] : []
}

const hasBackstep = (value: string) => value.split('/').includes('..')
