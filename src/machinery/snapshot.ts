// Snapshot: all objects at one revision, and the only view of the world that admission and controllers have.
import type { KubeObject, ObjectKey } from './object.js'
import type { ResourceDefinition } from './resource.js'

export interface ListFilter {
  /** All namespaces when absent. */
  namespace?: string
  /** Labels an object must carry. */
  labels?: Readonly<Record<string, string>>
}

export interface Snapshot {
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly now: number
  get<T extends KubeObject>(definition: ResourceDefinition<T>, key: Partial<ObjectKey> & { name: string }): T | undefined
  /** Ordered by namespace, then name. */
  list<T extends KubeObject>(definition: ResourceDefinition<T>, filter?: ListFilter): readonly T[]
}
