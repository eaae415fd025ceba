// Tells how one pod spec differs from another, as the API server sees them: as structs of Go, printed as JSON, one line a field.
// Upstream: pkg/apis/core/types.go PodSpec, k8s.io/apimachinery/pkg/util/diff
// Differs: fields of volume types that nobody has used for years may stand in another order within their volume.
import { type Field, type FieldType, isObject, type Plain, printPrettyJSON, type Shape, unifiedDiff } from '../../machinery/index.js'
import { schema } from '../define-resource.js'
import type { PodSpec } from '../shapes/core-v1.js'

/** @returns hunks of a unified diff, each line with its end */
export function diffOfPodSpecs(before: PodSpec, after: PodSpec): string {
  return unifiedDiff(printPrettyJSON(internalPodSpec(before), 1), printPrettyJSON(internalPodSpec(after), 1))
}

// Names in Go are those of the API with a capital, but for these.
const goNames: Record<string, string> = {
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
}
const goNamesByType: Record<string, Record<string, string>> = {
  GlusterfsVolumeSource: { endpoints: 'EndpointsName' },
  RBDVolumeSource: { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' },
}

// Field, and the one it follows in Go, where the order is another than in the API.
const moved: Record<string, [field: string, follows: string][]> = {
  PodSpec: [
    ['setHostnameAsFQDN', 'subdomain'],
    ['preemptionPolicy', 'priority'],
    ['overhead', 'runtimeClassName'],
    ['enableServiceLinks', 'overhead'],
  ],
  PodSecurityContext: [['fsGroupChangePolicy', 'fsGroup']],
  Volume: [['quobyte', 'rbd']],
}

// These moved into the security context, which is always there.
const hostFields = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']
// An old name of serviceAccountName that Go has forgotten.
const forgotten = ['serviceAccount']

function internalPodSpec(spec: PodSpec): Plain {
  const shape = structOf(schema.find({ group: '', version: 'v1', kind: 'Pod' })?.field.get('spec')) as Shape
  const { SecurityContext: security, ...rest } = internalStruct(shape, { ...spec, securityContext: spec.securityContext ?? {} })
  const names = hostFields.map((name) => goNameOf(shape, name))
  const hosts = Object.fromEntries(names.map((name) => [name, rest[name]]))
  const kept = Object.entries(rest).filter(([name]) => !names.includes(name))
  const place = kept.findIndex(([name]) => name === 'NodeName') + 1
  return Object.fromEntries([...kept.slice(0, place), ['SecurityContext', { ...hosts, ...security }], ...kept.slice(place)])
}

function structOf(field: Field | undefined): Shape | undefined {
  return field?.type.kind === 'struct' ? field.type.shape : undefined
}

/** Every field, also those that say nothing. */
function internalStruct(shape: Shape, value: Plain): Plain {
  const out: Plain = {}
  for (const field of fieldsOf(shape)) {
    // Metadata is embedded without a name.
    if (field.name === 'metadata') Object.assign(out, value.metadata)
    else out[goNameOf(shape, field.name)] = internalValue(field.type, value[field.name], field.pointer)
  }
  return out
}

function fieldsOf({ name, fields }: Shape): readonly Field[] {
  const ordered = fields.filter((field) => !forgotten.includes(field.name))
  for (const [of, follows] of moved[name] ?? []) {
    const [field] = ordered.splice(
      ordered.findIndex((each) => each.name === of),
      1,
    )
    ordered.splice(ordered.findIndex((each) => each.name === follows) + 1, 0, field)
  }
  return ordered
}

function goNameOf({ name: type }: Shape, name: string): string {
  return goNamesByType[type]?.[name] ?? goNames[name] ?? name[0].toUpperCase() + name.slice(1)
}

function internalValue(type: FieldType, value: unknown, isPointer: boolean): unknown {
  if (value === undefined || value === null) return isPointer ? null : zeroOf(type)
  if (type.kind === 'list') return (value as unknown[]).map((each) => internalValue(type.of, each, false))
  if (type.kind === 'map') {
    const entries = Object.entries(value as Plain).sort(([one], [other]) => (one < other ? -1 : 1))
    return Object.fromEntries(entries.map(([key, each]) => [key, internalValue(type.of, each, false)]))
  }
  // Types of the machinery are the same in Go as in the API.
  if (type.kind === 'struct' && type.shape.package.alias.startsWith('core/') && isObject(value)) return internalStruct(type.shape, value)
  return value
}

function zeroOf(type: FieldType): unknown {
  if (type.kind === 'list' || type.kind === 'map') return null
  if (type.kind === 'struct') return internalValue(type, {}, false)
  switch (type.name) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'Quantity':
      return '0'
    case 'int32':
    case 'int64':
    case 'double':
    case 'IntOrString':
      return 0
    default:
      return null
  }
}
