// The indexes of a store, each built when it is first asked and kept in step with the log.
import type { Index, KubeObject } from '../machinery/index.js'
import type { Store, Stored, WatchEvent } from '../storage/index.js'

/** @param resources keys of all that is stored, for an index over every kind */
export function findIndexed(store: Store, index: Index, value: string, resources: () => Iterable<string>): readonly KubeObject[] {
  const indexes = byStore.get(store) ?? new Indexes(store)
  byStore.set(store, indexes)
  return indexes.find(index, value, resources)
}

const byStore = new WeakMap<Store, Indexes>()

class Indexes {
  readonly #store: Store
  readonly #byIndex = new Map<Index, MaintainedIndex>()
  readonly #byResource = new Map<string, MaintainedIndex[]>()
  readonly #ofEvery: MaintainedIndex[] = []

  constructor(store: Store) {
    this.#store = store
    store.watch((event) => {
      for (const index of this.#byResource.get(event.stored.resource) ?? []) index.follow(event)
      for (const index of this.#ofEvery) index.follow(event)
    })
  }

  find(index: Index, value: string, resources: () => Iterable<string>): readonly KubeObject[] {
    return (this.#byIndex.get(index) ?? this.#build(index, resources)).find(value)
  }

  #build(index: Index, resources: () => Iterable<string>): MaintainedIndex {
    const resource = index.definition?.storedAs.key
    const built = new MaintainedIndex(index, this.#store, resource === undefined ? new Set(resources()) : [resource])
    this.#byIndex.set(index, built)
    if (resource === undefined) this.#ofEvery.push(built)
    else this.#byResource.set(resource, [...(this.#byResource.get(resource) ?? []), built])
    return built
  }
}

class MaintainedIndex {
  readonly #index: Index
  readonly #buckets = new Map<string, Bucket>()

  constructor(index: Index, store: Store, resources: Iterable<string>) {
    this.#index = index
    for (const resource of resources) for (const stored of store.list(resource)) this.#add(stored)
  }

  find(value: string): readonly KubeObject[] {
    return this.#buckets.get(value)?.list() ?? none
  }

  follow({ type, stored, old }: WatchEvent): void {
    if (old) this.#remove(old)
    if (type !== 'DELETED') this.#add(stored)
  }

  #add(stored: Stored): void {
    const values = this.#index.values(stored.object)
    if (!values.length) return
    const path = pathOf(stored)
    for (const value of values) {
      const bucket = this.#buckets.get(value) ?? new Bucket()
      this.#buckets.set(value, bucket)
      bucket.set(path, stored)
    }
  }

  #remove(stored: Stored): void {
    const path = pathOf(stored)
    for (const value of this.#index.values(stored.object)) {
      const bucket = this.#buckets.get(value)
      bucket?.delete(path)
      if (bucket?.isEmpty) this.#buckets.delete(value)
    }
  }
}

const none: readonly KubeObject[] = Object.freeze([])

const pathOf = ({ resource, namespace, name }: Stored) => `${resource}/${namespace}/${name}`

/** Objects under one value. The sorted list is made when somebody asks and lives until the next change. */
class Bucket {
  readonly #byPath = new Map<string, Stored>()
  #sorted: readonly KubeObject[] | undefined

  get isEmpty(): boolean {
    return this.#byPath.size === 0
  }

  set(path: string, stored: Stored): void {
    this.#byPath.set(path, stored)
    this.#sorted = undefined
  }

  delete(path: string): void {
    if (this.#byPath.delete(path)) this.#sorted = undefined
  }

  list(): readonly KubeObject[] {
    this.#sorted ??= Object.freeze([...this.#byPath].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, { object }]) => object))
    return this.#sorted
  }
}
