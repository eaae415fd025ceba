// The scale subresource: any kind with replicas seen as autoscaling/v1 Scale.
// Upstream: kubernetes/pkg/registry/apps/deployment/storage/storage.go ScaleREST
import { deepCopy, field, type KubeObject, type Plain, recanonicalize, type ResourceDefinition, type Shape, status } from '../machinery/index.js'
import { type Answer, type Body, type Call, qualifiedResource, type Realm, refuse, viewOf, type WriteCall } from './realm.js'
import { decodeObject } from './decode.js'
import { type Patch, patchedDocument } from './patch.js'
import { updateDraft } from './update.js'

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale', apiVersion: 'autoscaling/v1' }

export function getScale(realm: Realm, call: Call, shape: Shape): Answer {
  return { code: 200, object: scaleOf(call.definition, parentOf(realm, call).object, shape) }
}

export function updateScale(realm: Realm, call: WriteCall, body: Body, shape: Shape): Answer {
  const scale = decodeObject({ ...scaleKind, shape }, body, call.options.fieldValidation, call.warn) as Plain & KubeObject
  if (scale.metadata.name !== call.name) {
    refuse(status.badRequest(`the name of the object (${scale.metadata.name ?? ''}) does not match the name on the URL (${call.name})`))
  }
  return writeScale(realm, call, scale, shape)
}

export function patchScale(realm: Realm, call: WriteCall, shape: Shape, { type, body }: Patch): Answer {
  const current = scaleOf(call.definition, parentOf(realm, call).object, shape)
  // An applied Scale says all there is to say of it: merging it is applying it.
  const value = patchedDocument({ ...call, definition: { ...call.definition, shape } }, type === 'apply' ? 'merge' : type, current, body)
  const scale = decodeObject({ ...scaleKind, shape }, { value }, call.options.fieldValidation, call.warn) as Plain & KubeObject
  return writeScale(realm, call, scale, shape)
}

function writeScale(realm: Realm, call: WriteCall, scale: Plain & KubeObject, shape: Shape): Answer {
  const { definition } = call
  const replicas = scale.spec?.replicas ?? 0
  if (replicas < 0) {
    const error = field.invalid('spec.replicas', replicas, 'must be greater than or equal to 0')
    refuse(status.invalid({ group: 'autoscaling', resource: 'Scale' }, call.name, [error]))
  }
  const { stored, object } = parentOf(realm, call)
  const draft = deepCopy(object)
  const { uid, resourceVersion } = scale.metadata
  if (uid) draft.metadata.uid = uid
  if (resourceVersion) draft.metadata.resourceVersion = resourceVersion
  definition.scale?.withReplicas(draft, replicas)
  const answer = updateDraft(realm, { ...call, subresource: 'scale' }, stored, draft)
  return { code: 200, object: scaleOf(definition, answer.object as KubeObject, shape) }
}

function parentOf(realm: Realm, call: Call) {
  const { definition } = call
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored || !definition.scale) return refuse(status.notFound(qualifiedResource(definition), call.name))
  return { stored, object: viewOf(definition, stored).object }
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
