// Joins the facts of a resource (the table) with its behaviour (the kind's file) to a ResourceDefinition.
import { type KubeObject, type ObjectMeta, type ResourceBehaviour, type ResourceDefinition, recanonicalize, Schema } from '../machinery/index.js'
import { resourceTable } from './shapes/facts.js'
import { typesTable } from './shapes/table.js'

/** The shapes of all built-in types. */
export const schema = new Schema(typesTable)

/**
 * @param key of the table of resources: `v1/services`, `apps/v1/deployments`
 * @param storedAs the definition whose objects are stored, when the kind is a view of another version
 */
export function defineResource<T extends KubeObject>(key: string, behaviour: ResourceBehaviour<T> = {}, storedAs?: ResourceDefinition): ResourceDefinition<T> {
  const facts = resourceTable[key]
  const definition = {
    ...facts,
    ...behaviour,
    key,
    emptyObject: (metadata: ObjectMeta) => recanonicalize(definition.shape, { kind: facts.kind, apiVersion: definition.apiVersion, metadata }) as T,
    apiVersion: facts.group ? `${facts.group}/${facts.version}` : facts.version,
    get shape() {
      const shape = schema.find(facts)
      if (!shape) throw new Error(`the table of types has no ${key}`)
      Object.defineProperty(definition, 'shape', { value: shape })
      return shape
    },
  } as ResourceDefinition<T> & { storedAs: ResourceDefinition }
  definition.storedAs = storedAs ?? definition
  return definition
}
