// A Snapshot of objects written down in a test. Upstream has informers and fakes here; one list is enough.
import { deepCopy, deepFreeze, type Index, type KubeObject, type ListFilter, type ResourceDefinition, type Snapshot } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'

/** Loosely written objects: metadata may leave out what the test does not care for. */
// biome-ignore lint/suspicious/noExplicitAny: tests write objects of every kind in one list
export type Sketch = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string; [key: string]: any }; [key: string]: any }

/**
 * @param objects of any kind; they are copied and frozen
 * @param options `now` in milliseconds since the epoch
 */
export function snapshotOf(objects: readonly Sketch[], { now = Date.parse('2024-01-02T03:04:05Z'), revision = 100 } = {}): Snapshot {
  const stored = objects.map((object) => deepFreeze(deepCopy(object)) as unknown as KubeObject).sort(byKey)
  const isOf = (definition: ResourceDefinition) => (object: KubeObject) => object.kind === definition.kind && object.apiVersion === definition.apiVersion
  return {
    revision,
    now,
    definitions: builtInResources,
    findKind: (apiVersion, kind) => builtInResources.find((definition) => definition.apiVersion === apiVersion && definition.kind === kind),
    find<T extends KubeObject>(index: Index<T>, value: string) {
      const isIndexed = index.definition ? isOf(index.definition) : () => true
      return stored.filter((object) => isIndexed(object) && index.values(object as T).includes(value)) as unknown as readonly T[]
    },
    get<T extends KubeObject>(definition: ResourceDefinition<T>, { namespace = '', name }: { namespace?: string; name: string }) {
      const isWanted = ({ metadata }: KubeObject) => metadata.name === name && (metadata.namespace ?? '') === namespace
      return stored.filter(isOf(definition)).find(isWanted) as T | undefined
    },
    list<T extends KubeObject>(definition: ResourceDefinition<T>, { namespace, labels = {} }: ListFilter = {}) {
      const isWanted = ({ metadata }: KubeObject) =>
        (!namespace || metadata.namespace === namespace) && Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
      return stored.filter(isOf(definition)).filter(isWanted) as unknown as readonly T[]
    },
  }
}

function byKey({ metadata: one }: KubeObject, { metadata: other }: KubeObject): number {
  return compare(one.namespace ?? '', other.namespace ?? '') || compare(one.name ?? '', other.name ?? '')
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
