// The scale subresource: any kind with replicas seen as autoscaling/v1 Scale.
// Upstream: kubernetes/pkg/registry/apps/deployment/storage/storage.go ScaleREST
import {
  deepCopy,
  field,
  type KubeObject,
  type ManagedFieldsEntry,
  type Plain,
  parentEntriesOf,
  type ResourceDefinition,
  recanonicalize,
  recordUpdate,
  type ScaledParent,
  type Shape,
  scaleEntriesOf,
  status,
} from '../machinery/index.js'
import { applied, configurationOf } from './apply.js'
import { decodeObject } from './decode.js'
import { resetFieldsOf } from './field-ownership.js'
import { settleIdentity } from './metadata.js'
import { type Patch, patchedObject, refuseForce } from './patch.js'
import { type Answer, type Body, type Call, objectOf, qualifiedResource, type Realm, refuse, type WriteCall } from './realm.js'
import { requireUID, updateDraft } from './update.js'

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale', apiVersion: 'autoscaling/v1' }

export function getScale(realm: Realm, call: Call, shape: Shape): Answer {
  return { code: 200, object: scaleOf(call.definition, parentOf(realm, call).object, shape) }
}

export function updateScale(realm: Realm, call: WriteCall, body: Body, shape: Shape): Answer {
  const scale = decodeObject({ ...scaleKind, shape }, body, call)
  settleIdentity(call, scale.metadata)
  return writeScale(realm, call, scale, shape)
}

export function patchScale(realm: Realm, call: WriteCall, shape: Shape, { type, body }: Patch): Answer {
  if (type === 'apply') return applyScale(realm, call, shape, body)
  refuseForce(call)
  const current = scaleOf(call.definition, parentOf(realm, call).object, shape)
  return writeScale(realm, call, patchedObject(call, { ...scaleKind, shape }, current, { type, body }), shape)
}

function applyScale(realm: Realm, call: WriteCall, shape: Shape, body: Body): Answer {
  const { definition, options } = call
  const { object: parent } = parentOf(realm, call)
  const live = scaleOf(definition, parent, shape)
  live.metadata.managedFields = scaleEntriesOf(ownersOf(definition, parent))
  const { draft, managedFields } = applied(call, body, {
    ...scaleKind,
    shape,
    live,
    configuration: configurationOf(body),
    manager: options.fieldManager,
    subresource: 'scale',
    force: options.force === true,
    now: realm.now(),
    resetFields: resetFieldsOf(definition, 'scale'),
  })
  return writeScale(realm, call, draft, shape, managedFields)
}

/** @param owners of the scale as it is written; without them the write is a plain one */
function writeScale(realm: Realm, call: WriteCall, scale: Plain & KubeObject, shape: Shape, owners?: ManagedFieldsEntry[]): Answer {
  const { definition } = call
  const { stored, object } = parentOf(realm, call)
  settleIdentity(call, scale.metadata)
  const replicas = scale.spec?.replicas ?? 0
  if (replicas < 0) {
    const error = field.invalid('spec.replicas', replicas, 'must be greater than or equal to 0')
    refuse(status.invalid({ group: 'autoscaling', resource: 'Scale' }, call.name, [error]))
  }
  requireUID(call, scale, object)
  const draft = deepCopy(object)
  const { resourceVersion } = scale.metadata
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion
  definition.scale?.withReplicas(draft, replicas)
  const managedFieldsOf = (next: KubeObject) => {
    const parent = ownersOf(definition, object)
    return parentEntriesOf(parent, owners ?? updatedOwners(realm, call, shape, { parent: object, next, entries: scaleEntriesOf(parent) }))
  }
  const answer = updateDraft(realm, { ...call, subresource: 'scale' }, stored, draft, { managedFieldsOf })
  return { code: 200, object: scaleOf(definition, answer.object as KubeObject, shape) }
}

interface Scaling {
  parent: KubeObject
  next: KubeObject
  /** Who owns the replicas so far. */
  entries: ManagedFieldsEntry[]
}

function updatedOwners(realm: Realm, { definition, options }: WriteCall, shape: Shape, { parent, next, entries }: Scaling): ManagedFieldsEntry[] {
  const live = scaleOf(definition, parent, shape)
  live.metadata.managedFields = entries
  const { apiVersion } = scaleKind
  const write = { shape, live, next: scaleOf(definition, next, shape), incoming: undefined, manager: options.fieldManager, apiVersion }
  return recordUpdate({ ...write, subresource: 'scale', now: realm.now(), resetFields: resetFieldsOf(definition, 'scale') }) ?? []
}

function ownersOf(definition: ResourceDefinition, parent: KubeObject): ScaledParent {
  return { entries: parent.metadata.managedFields ?? [], apiVersion: definition.apiVersion, path: definition.scale?.fieldPath ?? [] }
}

function parentOf(realm: Realm, call: Call) {
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored || !definition.scale) return refuse(status.notFound(qualifiedResource(definition), call.name))
  return { stored, object: objectOf(definition, stored) }
}

function scaleOf(definition: ResourceDefinition, parent: KubeObject, shape: Shape): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata
  const { scale } = definition
  return recanonicalize(shape, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: scale?.replicas(parent) ?? 0 },
    status: { replicas: scale?.statusReplicas(parent) ?? 0, selector: scale?.selector(parent) ?? '' },
  }) as KubeObject
}
