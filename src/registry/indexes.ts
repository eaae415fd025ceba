// The indexes of a store, each built when it is first asked and kept in step with the log.
import { type Index, type KubeObject, type ListChange, lowerBound, rememberStep } from '../machinery/index.js'
import type { SnapshotChange, Store, Stored } from '../storage/index.js'

/** @param resources keys of all that is stored, for an index over every kind */
export function findIndexed(store: Store, index: Index, value: string, resources: () => Iterable<string>): readonly KubeObject[] {
  let indexes = byStore.get(store)
  if (!indexes) {
    indexes = new Indexes(store)
    byStore.set(store, indexes)
  }
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
    store.follow((change) => {
      for (const index of this.#byResource.get(change.stored.resource) ?? []) index.follow(change)
      for (const index of this.#ofEvery) index.follow(change)
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

  follow({ type, stored, old }: SnapshotChange): void {
    const values = type === 'DELETED' ? [] : this.#index.values(stored.object)
    for (const value of old ? this.#index.values(old.object) : []) if (!values.includes(value)) this.#remove(value, stored)
    this.#add(stored, values)
  }

  #add(stored: Stored, values = this.#index.values(stored.object)): void {
    for (const value of values) {
      let bucket = this.#buckets.get(value)
      if (!bucket) {
        bucket = new Bucket()
        this.#buckets.set(value, bucket)
      }
      bucket.set(this.#placeOf(stored), stored.object)
    }
  }

  /** What objects are sorted by: kinds come first where there are several. */
  #placeOf({ resource, path }: Stored): string {
    return this.#index.definition ? path : `${resource}/${path}`
  }

  #remove(value: string, stored: Stored): void {
    const bucket = this.#buckets.get(value)
    bucket?.delete(this.#placeOf(stored))
    if (bucket?.isEmpty) this.#buckets.delete(value)
  }
}

const none: readonly KubeObject[] = Object.freeze([])

// So few changes are put into their places one by one; more are sorted and merged.
const placedOneByOneMax = 16
// So many are told to who has the list of before; who would see more compares.
const toldMax = 64

/**
 * Objects under one value, in order. Changes find their places when somebody asks for the list: with very many objects, of which each
 * changes and nobody asks for all, changing one costs no more. The list is a copy that lives until the next change.
 */
class Bucket {
  #paths: string[] = []
  #objects: KubeObject[] = []
  /** What has changed since; undefined is gone. */
  readonly #pending = new Map<string, KubeObject | undefined>()
  #size = 0
  /** The last list, and what has changed since; nothing when that is much. */
  #told: { list: readonly KubeObject[]; changes: Map<string, ListChange> } | undefined

  get isEmpty(): boolean {
    return this.#size === 0
  }

  set(path: string, object: KubeObject): void {
    const old = this.#get(path)
    if (!old) this.#size++
    this.#change(path, old, object)
  }

  delete(path: string): void {
    const old = this.#get(path)
    if (!old) return
    this.#size--
    this.#change(path, old, undefined)
  }

  list(): readonly KubeObject[] {
    const before = this.#told
    if (before && !before.changes.size) return before.list
    this.#settle()
    const list = this.#objects.slice()
    if (before) rememberStep(list, before.list, before.changes)
    this.#told = { list, changes: new Map() }
    return list
  }

  #get(path: string): KubeObject | undefined {
    if (this.#pending.has(path)) return this.#pending.get(path)
    const at = lowerBound(this.#paths, path)
    return this.#paths[at] === path ? this.#objects[at] : undefined
  }

  #change(path: string, old: KubeObject | undefined, object: KubeObject | undefined): void {
    if (this.#told) this.#tell(this.#told.changes, path, { old, object })
    this.#pending.set(path, object)
    if (this.#pending.size > this.#paths.length + placedOneByOneMax) this.#settle()
  }

  #tell(changes: Map<string, ListChange>, path: string, change: ListChange): void {
    const before = changes.get(path)
    changes.set(path, before ? { old: before.old, object: change.object } : change)
    if (changes.size > toldMax) this.#told = undefined
  }

  #settle(): void {
    if (this.#pending.size <= placedOneByOneMax) for (const [path, object] of this.#pending) this.#place(path, object)
    else this.#merge([...this.#pending.keys()].sort())
    this.#pending.clear()
  }

  #place(path: string, object: KubeObject | undefined): void {
    const at = lowerBound(this.#paths, path)
    const isThere = this.#paths[at] === path
    if (object && isThere) {
      this.#objects[at] = object
    } else if (object) {
      this.#paths.splice(at, 0, path)
      this.#objects.splice(at, 0, object)
    } else if (isThere) {
      this.#paths.splice(at, 1)
      this.#objects.splice(at, 1)
    }
  }

  #merge(changed: readonly string[]): void {
    const [paths, objects]: [string[], KubeObject[]] = [[], []]
    const add = (path: string, object: KubeObject | undefined) => {
      if (!object) return
      paths.push(path)
      objects.push(object)
    }
    let at = 0
    for (const path of changed) {
      for (; at < this.#paths.length && this.#paths[at] < path; at++) add(this.#paths[at], this.#objects[at])
      if (this.#paths[at] === path) at++
      add(path, this.#pending.get(path))
    }
    for (; at < this.#paths.length; at++) add(this.#paths[at], this.#objects[at])
    this.#paths = paths
    this.#objects = objects
  }
}
