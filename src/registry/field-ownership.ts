// Who owns which field after a write: what a write through a resource or subresource never owns, and in which versions of
// the kind managers may have written.
// Upstream: the GetResetFields of every strategy, apimachinery/pkg/util/managedfields/internal/versionconverter.go
import {
  canonicalize,
  isDecodeError,
  type KubeObject,
  type ManagedFieldsEntry,
  type Plain,
  type ResetFields,
  type ResourceDefinition,
  recordUpdate,
  type Versions,
} from '../machinery/index.js'
import type { Realm, WriteCall } from './realm.js'

const statusOnly: ResetFields = [['f:status']]
const none: ResetFields = []

export function resetFieldsOf(definition: ResourceDefinition, subresource: string): ResetFields {
  if (subresource === 'status') return statusReset(definition)
  // What other subresources let through is all they change.
  return definition.statusSubresource && !subresource ? statusOnly : none
}

const caches = new WeakMap<ResourceDefinition, ResetFields>()

function statusReset(definition: ResourceDefinition): ResetFields {
  let fields = caches.get(definition)
  if (!fields) {
    const { labels, annotations } = definition.statusWrites ?? { labels: false, annotations: false }
    const paths = definition.shape.fields.filter(({ name }) => name !== 'status' && name !== 'metadata').map(({ name }) => [`f:${name}`])
    if (!labels && !annotations) paths.push(['f:metadata'])
    else if (!labels) paths.push(['f:metadata', 'f:labels'])
    fields = paths
    caches.set(definition, fields)
  }
  return fields
}

/** The new state as the client wants it, with defaults, and the managed fields that came with it. */
export interface Wanted {
  live: KubeObject | undefined
  next: KubeObject
  incoming: readonly ManagedFieldsEntry[] | undefined
}

/** The managed fields after a plain write (create, update, and all patches but apply). */
export function ownersAfter(realm: Realm, call: WriteCall, { live, next, incoming }: Wanted): ManagedFieldsEntry[] | undefined {
  const { definition, subresource } = call
  return recordUpdate({
    shape: definition.shape,
    live,
    next,
    incoming,
    manager: call.options.fieldManager,
    apiVersion: definition.apiVersion,
    subresource,
    now: realm.now(),
    resetFields: resetFieldsOf(definition, subresource),
    versions: versionsOf(realm, definition),
  })
}

/** The served versions of what a definition stores. */
export function versionsOf({ catalogue }: Realm, definition: ResourceDefinition): Versions {
  const find = (apiVersion: string) => {
    const found = catalogue.findKind(apiVersion, definition.kind)
    return found?.storedAs === definition.storedAs ? found : undefined
  }
  return {
    shapeOf: (apiVersion) => find(apiVersion)?.shape,
    convert(object, from, to) {
      const [source, target] = [find(from), find(to)]
      if (!source || !target) return object
      const canonical = canonicalize(source.shape, object)
      // What is not of its type is refused when it is decoded as a whole.
      if (isDecodeError(canonical)) return object
      const stored = (source.convert?.toStored(canonical.object as never) ?? canonical.object) as KubeObject
      return (target.convert?.fromStored(stored) ?? stored) as Plain
    },
  }
}
