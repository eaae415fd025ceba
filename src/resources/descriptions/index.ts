// Words for people about API types and their fields: what `kubectl explain` prints. They are not upstream's.
import type { Field, Shape } from '../../machinery/index.js'
import { clusterDescriptions } from './cluster.js'
import { containerDescriptions } from './containers.js'
import { metadataDescriptions } from './metadata.js'
import { podDescriptions } from './pods.js'
import { serviceDescriptions } from './services.js'
import { volumeDescriptions } from './volumes.js'

/** By key of the type, then by field; what is under the empty name describes the type. */
export type Descriptions = Record<string, Record<string, string>>

const all: Descriptions = {
  ...metadataDescriptions,
  ...serviceDescriptions,
  ...podDescriptions,
  ...containerDescriptions,
  ...volumeDescriptions,
  ...clusterDescriptions,
}

/** Fields that mean the same in every kind. */
const everywhere = new Map([
  ['apiVersion', 'Group and version of the schema that this object follows: v1, apps/v1.'],
  ['kind', 'The kind of the object, in camel case.'],
  ['metadata', 'Name, labels and what else every object has.'],
  ['items', 'The objects of the list.'],
  ['spec', 'What is wanted.'],
  ['status', 'What is the case.'],
])

export function describe(shape: Shape, field?: Field): string | undefined {
  if (!field) return all[shape.key]?.['']
  const inner = field.embeddedIn && all[field.embeddedIn.shape.key]?.[field.name]
  return all[shape.key]?.[field.name] ?? inner ?? (shape.hasTypeMeta ? everywhere.get(field.name) : undefined)
}
