// Index: a second way to find objects, by what they say rather than by their key.
// Upstream: client-go/tools/cache/thread_safe_store.go Indexers
import type { KubeObject } from './object.js'
import type { ResourceDefinition } from './resource.js'

/** Built at its first use and kept in step with every write from then on. A constant: each one made lives as long as the store. */
// biome-ignore lint/suspicious/noExplicitAny: an index may be over objects of every kind
export interface Index<T extends KubeObject = any> {
  /** Of the version that is stored. Absent: objects of every kind. */
  readonly definition?: ResourceDefinition<T>
  /** Under which values an object is found. It follows from the object alone. */
  values(object: T): readonly string[]
}

export function defineIndex<T extends KubeObject>(index: Index<T>): Index<T> {
  return index
}
