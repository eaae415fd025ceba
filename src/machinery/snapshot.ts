// Snapshot: all objects at one revision, and the only view of the world that admission and controllers have.
import type { KubeObject, ObjectKey } from './object.js'
import type { Index } from './object-index.js'
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
  /** All kinds there are. */
  readonly definitions: readonly ResourceDefinition[]
  get<T extends KubeObject>(definition: ResourceDefinition<T>, key: Partial<ObjectKey> & { name: string }): T | undefined
  /** Ordered by namespace, then name. */
  list<T extends KubeObject>(definition: ResourceDefinition<T>, filter?: ListFilter): readonly T[]
  /** What an index has under a value, ordered by kind, namespace and name: the very same list until one of them changes. */
  find<T extends KubeObject>(index: Index<T>, value: string): readonly T[]
  /** @param apiVersion `v1` or `apps/v1` */
  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined
}
