// Which fields a write through a resource or subresource never owns.
// Upstream: the GetResetFields of every strategy
import type { ResourceDefinition } from '../machinery/index.js'

/** Paths below the object as managed-field keys: `[['f:status']]`. */
export type ResetFields = readonly (readonly string[])[]

const statusOnly: ResetFields = [['f:status']]
const none: ResetFields = []

export function resetFieldsOf(definition: ResourceDefinition, subresource: string): ResetFields {
  if (subresource === 'status') return statusReset(definition)
  return definition.statusSubresource ? statusOnly : none
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
