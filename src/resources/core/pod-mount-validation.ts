// Where containers mount volumes and open devices.
// Upstream: pkg/apis/core/validation/validation.go ValidateVolumeMounts, ValidateVolumeDevices
import { type FieldError, field } from '../../machinery/index.js'
import type { Container, Volume, VolumeDevice, VolumeMount } from '../shapes/core-v1.js'
import { inEach, optionalWord } from './field-checks.js'

/** @param volumes the sound volumes of the pod, by name; `path` is the container's */
export function validateMounts(container: Container, path: string, volumes: ReadonlyMap<string, Volume>): FieldError[] {
  const { volumeMounts = [], volumeDevices = [] } = container
  if (!volumeMounts.length && !volumeDevices.length) return []
  const paths = new Set<string>()
  const devices = { names: new Set<string>(), paths: new Set<string>() }
  return [
    ...inEach(volumeMounts, `${path}.volumeMounts`, (mount, at) => validateMount(mount, at, `${path}.volumeMounts`, { container, volumes, paths })),
    ...inEach(volumeDevices, `${path}.volumeDevices`, (device, at) => validateDevice(device, at, { container, volumes, ...devices })),
  ]
}

interface Mounting {
  container: Container
  volumes: ReadonlyMap<string, Volume>
  /** Paths taken so far. */
  paths: Set<string>
}

function validateMount(mount: VolumeMount, path: string, listPath: string, { container, volumes, paths }: Mounting): FieldError[] {
  const { name, mountPath, subPath, subPathExpr } = mount
  const { volumeDevices } = container
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  if (!volumes.has(name)) errors.push(field.notFound(`${path}.name`, name))
  if (!mountPath) errors.push(field.required(`${path}.mountPath`))
  if (paths.has(mountPath)) errors.push(field.invalid(`${path}.mountPath`, mountPath, 'must be unique'))
  paths.add(mountPath)
  if (volumeDevices?.some((device) => device.name === name)) errors.push(field.invalid(`${path}.name`, name, 'must not already exist in volumeDevices'))
  if (volumeDevices?.some(({ devicePath }) => devicePath === mountPath)) {
    errors.push(field.invalid(`${path}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'))
  }
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

function validateDevice(device: VolumeDevice, path: string, { container, volumes, names, paths }: Mounting & { names: Set<string> }): FieldError[] {
  const { name, devicePath } = device
  const volume = volumes.get(name)
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  if (names.has(name)) errors.push(field.invalid(`${path}.name`, name, 'must be unique'))
  names.add(name)
  if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
    errors.push(field.invalid(`${path}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
  }
  if (!volume) errors.push(field.notFound(`${path}.name`, name))
  if (!devicePath) errors.push(field.required(`${path}.devicePath`))
  if (paths.has(devicePath)) errors.push(field.invalid(`${path}.devicePath`, devicePath, 'must be unique'))
  if (hasBackstep(devicePath)) errors.push(field.invalid(`${path}.devicePath`, devicePath, "can not contain backsteps ('..')"))
  else paths.add(devicePath)
  const { volumeMounts } = container
  if (volumeMounts?.some((mount) => mount.name === name)) errors.push(field.invalid(`${path}.name`, name, 'must not already exist in volumeMounts'))
  if (volumeMounts?.some(({ mountPath }) => mountPath === devicePath)) {
    errors.push(field.invalid(`${path}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'))
  }
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
