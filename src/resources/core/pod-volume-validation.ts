// Volumes of a pod: one source each, and what every source needs.
// Upstream: pkg/apis/core/validation/validation.go ValidateVolumes, validateVolumeSource
import { type FieldError, field, parseQuantity, validateDNSLabel } from '../../machinery/index.js'
import type { DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection, VolumeSource } from '../shapes/core-v1.js'
import { inEach, nonNegative, optionalWord, requiredText, requiredWord, within } from './field-checks.js'
import { fieldsOfVolumes, validateFieldReference, validateResourceReference } from './pod-environment-validation.js'
import { validateDescendingPath, validateNoBackstep } from './pod-mount-validation.js'

/** @returns what is wrong, and the sound volumes by name: those that may be mounted */
export function validateVolumes(volumes: readonly Volume[] | undefined, path: string): { errors: FieldError[]; sound: Map<string, Volume> } {
  const sound = new Map<string, Volume>()
  const errors = inEach(volumes, path, (volume, at) => {
    const wrong = [...validateSource(volume, at), ...requiredText(`${at}.name`, volume.name, validateDNSLabel)]
    if (sound.has(volume.name)) wrong.push(field.duplicate(`${at}.name`, volume.name))
    if (!wrong.length) sound.set(volume.name, volume)
    return wrong
  })
  return { errors, sound }
}

type Check<Key extends keyof VolumeSource> = (source: NonNullable<VolumeSource[Key]>, path: string) => FieldError[]

/** Checks that the named texts are there. */
const requires =
  (...names: string[]) =>
  (source: object, path: string) =>
    names.flatMap((name) => {
      const value = (source as Record<string, unknown>)[name]
      return value === undefined || value === '' || (Array.isArray(value) && !value.length) ? [field.required(`${path}.${name}`)] : []
    })

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

/** What each source needs, in the order in which they are looked at: of two, the later one is refused. */
const sources: { [Key in keyof VolumeSource]-?: Check<Key> } = {
  emptyDir: ({ sizeLimit }, path) =>
    (parseQuantity(sizeLimit ?? '0')?.nanos ?? 0n) < 0n ? [field.forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [],
  hostPath: (source, path) => [
    ...(source.path ? validateNoBackstep(source.path, `${path}.path`) : [field.required(`${path}.path`)]),
    ...optionalWord(`${path}.type`, source.type, hostPathTypes),
  ],
  gitRepo: (source, path) => [...requires('repository')(source, path), ...validateDescendingPath(source.directory ?? '', `${path}.directory`)],
  gcePersistentDisk: (source, path) => [...requires('pdName')(source, path), ...within(`${path}.partition`, source.partition, [0, 255])],
  awsElasticBlockStore: (source, path) => [...requires('volumeID')(source, path), ...within(`${path}.partition`, source.partition, [0, 255])],
  secret: ({ secretName, defaultMode, items }, path) => [
    ...requiredText(`${path}.secretName`, secretName),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...inEach(items, `${path}.items`, validateKeyToPath),
  ],
  nfs: (source, path) => [
    ...requires('server', 'path')(source, path),
    ...(source.path && !source.path.startsWith('/') ? [field.invalid(`${path}.path`, source.path, 'must be an absolute path')] : []),
  ],
  iscsi: (source, path) => [
    ...requires('targetPortal', 'iqn')(source, path),
    ...within(`${path}.lun`, source.lun, [0, 255]),
    ...((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef ? [field.required(`${path}.secretRef`)] : []),
  ],
  glusterfs: requires('endpoints', 'path'),
  flocker: (source, path) => {
    const { datasetName, datasetUUID } = source
    if (!datasetName && !datasetUUID) return [field.required(path, 'one of datasetName and datasetUUID is required')]
    return datasetName && datasetUUID ? [field.invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []
  },
  persistentVolumeClaim: requires('claimName'),
  rbd: requires('monitors', 'image'),
  cinder: requires('volumeID'),
  cephfs: requires('monitors'),
  quobyte: requires('registry', 'volume'),
  downwardAPI: ({ defaultMode, items }, path) => [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...inEach(items, path, (file) => validateDownwardFile(file, path)),
  ],
  fc: ({ targetWWNs, wwids, lun }, path) => {
    if (!targetWWNs?.length && !wwids?.length) return [field.required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]
    if (targetWWNs?.length && wwids?.length)
      return [field.invalid(`${path}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')]
    if (!targetWWNs?.length) return []
    return lun === undefined ? [field.required(`${path}.lun`, 'lun is required if targetWWNs is specified')] : within(`${path}.lun`, lun, [0, 255])
  },
  flexVolume: requires('driver'),
  configMap: ({ name, defaultMode, items }, path) => [
    ...requiredText(`${path}.name`, name),
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...inEach(items, `${path}.items`, validateKeyToPath),
  ],
  azureFile: requires('secretName', 'shareName'),
  vsphereVolume: requires('volumePath'),
  photonPersistentDisk: requires('pdID'),
  portworxVolume: requires('volumeID'),
  azureDisk: requires('diskName', 'diskURI'),
  storageos: requires('volumeName'),
  projected: ({ sources: projections, defaultMode }, path) => [
    ...validateMode(defaultMode, `${path}.defaultMode`),
    ...inEach(projections, `${path}.sources`, validateProjection),
  ],
  scaleIO: requires('gateway', 'system', 'volumeName'),
  csi: ({ driver, nodePublishSecretRef }, path) => [
    ...requiredText(`${path}.driver`, driver),
    ...(nodePublishSecretRef && !nodePublishSecretRef.name ? [field.required(`${path}.nodePublishSecretRef.name`)] : []),
  ],
  ephemeral: ({ volumeClaimTemplate }, path) => {
    if (!volumeClaimTemplate) return [field.required(`${path}.volumeClaimTemplate`)]
    const { accessModes, resources } = volumeClaimTemplate.spec
    const at = `${path}.volumeClaimTemplate.spec`
    const errors = accessModes?.length ? [] : [field.required(`${at}.accessModes`, 'at least 1 access mode is required')]
    return resources?.requests?.storage === undefined ? [...errors, field.required(`${at}.resources[storage]`)] : errors
  },
  image: ({ reference, pullPolicy }, path) => [
    ...requiredText(`${path}.reference`, reference),
    ...requiredWord(`${path}.pullPolicy`, pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ],
}
const order = Object.keys(sources) as (keyof VolumeSource)[]

function validateSource(volume: Volume, path: string): FieldError[] {
  const [first, ...others] = order.filter((name) => volume[name] !== undefined)
  if (!first) return [field.required(path, 'must specify a volume type')]
  const check = sources[first] as (source: unknown, path: string) => FieldError[]
  return [...check(volume[first], `${path}.${first}`), ...others.map((name) => field.forbidden(`${path}.${name}`, 'may not specify more than 1 volume type'))]
}

function validateMode(mode: number | undefined, path: string): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [field.invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')] : []
}

function validateKeyToPath({ key, path: target, mode }: KeyToPath, path: string): FieldError[] {
  return [...requiredText(`${path}.key`, key), ...validateTarget(target, `${path}.path`), ...validateMode(mode, `${path}.mode`)]
}

/** A file inside a volume; names that begin with two dots are the kubelet's. */
function validateTarget(target: string | undefined, path: string): FieldError[] {
  if (!target) return [field.required(path)]
  const errors = validateDescendingPath(target, path)
  return target.startsWith('..') && !target.startsWith('../') ? [...errors, field.invalid(path, target, "must not start with '..'")] : errors
}

function validateDownwardFile({ path: target, fieldRef, resourceFieldRef, mode }: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors = validateTarget(target, `${path}.path`)
  if (fieldRef) {
    errors.push(...validateFieldReference(fieldRef, `${path}.fieldRef`, fieldsOfVolumes))
    if (resourceFieldRef) errors.push(field.invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (resourceFieldRef) errors.push(...validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, true))
  else errors.push(field.required(path, 'one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...validateMode(mode, `${path}.mode`)]
}

const projections: { [Key in keyof VolumeProjection]-?: (source: NonNullable<VolumeProjection[Key]>, path: string) => FieldError[] } = {
  secret: ({ name, items }, path) => [...requiredText(`${path}.name`, name), ...inEach(items, `${path}.items`, validateKeyToPath)],
  configMap: ({ name, items }, path) => [...requiredText(`${path}.name`, name), ...inEach(items, `${path}.items`, validateKeyToPath)],
  downwardAPI: ({ items }, path) => inEach(items, path, (file) => validateDownwardFile(file, path)),
  serviceAccountToken: ({ expirationSeconds = 3600, path: target }, path) => {
    const at = `${path}.expirationSeconds`
    const errors = validateTarget(target, `${path}.path`)
    if (expirationSeconds < 600) return [field.invalid(at, expirationSeconds, 'may not specify a duration less than 10 minutes'), ...errors]
    return expirationSeconds > 2 ** 32 ? [field.invalid(at, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'), ...errors] : errors
  },
  clusterTrustBundle: ({ path: target }, path) => validateTarget(target, `${path}.path`),
  podCertificate: ({ signerName, keyType, maxExpirationSeconds }, path) => [
    ...requiredText(`${path}.signerName`, signerName),
    ...requiredText(`${path}.keyType`, keyType),
    ...nonNegative(`${path}.maxExpirationSeconds`, maxExpirationSeconds),
  ],
}

function validateProjection(projection: VolumeProjection, path: string): FieldError[] {
  const given = (Object.keys(projections) as (keyof VolumeProjection)[]).filter((name) => projection[name] !== undefined)
  return given.flatMap((name, index) => {
    const check = projections[name] as (source: unknown, path: string) => FieldError[]
    return index ? [field.forbidden(`${path}.${name}`, 'may not specify more than 1 volume type')] : check(projection[name], `${path}.${name}`)
  })
}
