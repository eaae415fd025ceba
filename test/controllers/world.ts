// A world for one controller: objects written down in a test, and what becomes of them as its plans are carried out. Names,
// uids and versions are counted; objects are in canonical form as the registry keeps them.
import {
  type Controller,
  deepCopy,
  deepFreeze,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type Plain,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
  type ResourceDefinition,
  recanonicalize,
  type Snapshot,
} from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import type { Sketch } from '../support/snapshot.js'

export const worldTime = '2026-01-02T03:04:05Z'

export class World {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  /** Everything carried out since the last `settle`. */
  writes: PlannedWrite[] = []
  #count = 0
  now = Date.parse(worldTime)

  constructor(sketches: readonly Sketch[] = []) {
    for (const sketch of sketches) this.put(sketch)
  }

  /** Adds or replaces an object. @returns it as it is kept */
  put(sketch: Sketch | Plain): KubeObject {
    const definition = definitionOf(sketch)
    const metadata = { creationTimestamp: worldTime, uid: `uid-${sketch.metadata.name}`, ...sketch.metadata, resourceVersion: String(++this.#count) }
    if (definition.namespaced) metadata.namespace ??= 'default'
    const object = deepFreeze(recanonicalize(definition.shape, deepCopy({ ...sketch, metadata }))) as KubeObject
    this.#of(definition).set(pathOf(keyOf(object)), object)
    return object
  }

  remove(definition: ResourceDefinition, name: string, namespace = definition.namespaced ? 'default' : ''): void {
    this.#of(definition).delete(pathOf({ namespace, name }))
  }

  list<T extends KubeObject>(definition: ResourceDefinition<T>): T[] {
    const inOrder = [...this.#of(definition)].sort(([one], [other]) => (one < other ? -1 : 1))
    return inOrder.map(([, object]) => object as T)
  }

  get<T extends KubeObject>(definition: ResourceDefinition<T>, name: string, namespace = definition.namespaced ? 'default' : ''): T | undefined {
    return this.#of(definition).get(pathOf({ namespace, name })) as T | undefined
  }

  snapshot(): Snapshot {
    return {
      revision: this.#count,
      now: this.now,
      definitions: builtInResources,
      findKind: (apiVersion, kind) => builtInResources.find((each) => each.apiVersion === apiVersion && each.kind === kind),
      get: (definition, { namespace = '', name }) => this.#of(definition).get(pathOf({ namespace, name })) as never,
      list: (definition, { namespace, labels = {} } = {}) =>
        this.list(definition).filter(
          ({ metadata }) =>
            (!namespace || metadata.namespace === namespace) && Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
        ) as never,
      find: (index, value) => this.list(index.definition as ResourceDefinition).filter((object) => index.values(object as never).includes(value)) as never,
    }
  }

  plan<Observed>(controller: Controller<Observed>, key: ObjectKey): Plan {
    const observed = controller.observe(key, this.snapshot())
    return observed === undefined ? { writes: [] } : controller.reconcile(observed)
  }

  /** Carries out one plan, or a few, and makes sure that the next is empty. @returns what was carried out */
  settle<Observed>(controller: Controller<Observed>, name: string, { roundsMax = 1 } = {}): PlannedWrite[] {
    const key = { namespace: 'default', name }
    this.writes = []
    for (let round = 0; ; round++) {
      const { writes } = this.plan(controller, key)
      if (!writes.length) return this.writes
      if (round === roundsMax) throw new Error(`one more look plans ${JSON.stringify(writes.map(outline), null, 2)}`)
      for (const write of writes) this.#perform(write)
      this.writes.push(...writes)
    }
  }

  /** Keys that a change wakes up, over all watches of its kind. */
  wakes(
    controller: Controller,
    { definition, object, old, deleted = false }: { definition: ResourceDefinition; object: KubeObject; old?: KubeObject; deleted?: boolean },
  ): string[] {
    const watches = controller.watches.filter((watch) => watch.definition === definition)
    return watches.flatMap((watch) => watch.keys({ definition, object, old, deleted }, this.snapshot())).map(({ namespace, name }) => `${namespace}/${name}`)
  }

  #of(definition: ResourceDefinition): Map<string, KubeObject> {
    const objects = this.#objects.get(definition.key) ?? new Map<string, KubeObject>()
    this.#objects.set(definition.key, objects)
    return objects
  }

  #perform(write: PlannedWrite): void {
    if (write.verb === 'event') this.#record(write.event)
    else if (write.verb === 'create') {
      const { generateName, name = `${generateName}${String(++this.#count).padStart(5, '0')}` } = write.object.metadata
      this.put({ ...write.object, metadata: { ...write.object.metadata, name } })
    } else if (write.verb === 'update') this.#update(write.definition, write.object)
    else if (write.verb === 'delete') {
      if (!this.#of(write.definition).delete(pathOf(write.key))) throw new Error(`there is no ${pathOf(write.key)} to delete`)
    } else throw new Error(`a plan of these controllers has no ${write.verb}`)
  }

  #update(definition: ResourceDefinition, object: Plain): void {
    const old = this.#of(definition).get(pathOf(keyOf(object as KubeObject)))
    if (!old) throw new Error(`there is no ${object.metadata.name} to update`)
    if (object.metadata.resourceVersion !== old.metadata.resourceVersion) throw new Error(`${object.metadata.name} has moved on`)
    const { uid, creationTimestamp } = old.metadata
    this.put({ ...object, metadata: { ...object.metadata, uid, creationTimestamp } })
  }

  #record({ regarding: { apiVersion, kind, namespace, name, uid }, type, reason, message, component }: PlannedEvent): void {
    this.put({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${++this.#count}`, namespace },
      involvedObject: { apiVersion, kind, namespace, name, uid },
      type,
      reason,
      message,
      source: { component },
    })
  }
}

function definitionOf({ apiVersion, kind }: Plain): ResourceDefinition {
  const definition = builtInResources.find((each) => each.kind === kind && each.apiVersion === apiVersion)
  if (!definition) throw new Error(`there is no ${apiVersion} ${kind}`)
  return definition
}

const pathOf = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`

/** A write in a few words: `update web-00001`. */
export function outline(write: PlannedWrite): string {
  if (write.verb === 'event') return `event ${write.event.type} ${write.event.reason}: ${write.event.message}`
  if (write.verb === 'delete') return `delete ${write.key.name}`
  if (write.verb === 'createSubresource' || write.verb === 'patch') return write.verb
  return `${write.verb} ${write.object.metadata.name ?? write.object.metadata.generateName}`
}
