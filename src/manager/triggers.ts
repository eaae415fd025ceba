// Triggers: from a row of the log to the keys each controller has to look at because of it.
import type { Change, Controller, KubeObject, ResourceDefinition, Snapshot, Watch, WorkKey } from '../machinery/index.js'
import { type Catalogue, objectOf, type SnapshotChange } from '../registry/index.js'
import type { WorkQueue } from './work-queue.js'

export interface Subscriber {
  controller: Controller
  queue: WorkQueue
}

interface Trigger extends Subscriber {
  watch: Watch
  /** The last answer. A change that wakes up the same list again costs nothing. */
  lastKeys: readonly WorkKey[] | undefined
}

export class Triggers {
  readonly #byResource = new Map<string, Trigger[]>()
  readonly #ofEvery: Trigger[] = []
  readonly #bySubscriber = new Map<Subscriber, Trigger[]>()
  readonly #catalogue: Catalogue

  constructor(subscribers: readonly Subscriber[], catalogue: Catalogue) {
    this.#catalogue = catalogue
    for (const subscriber of subscribers) {
      const triggers = subscriber.controller.watches.map(
        (watch): Trigger => ({ controller: subscriber.controller, queue: subscriber.queue, watch, lastKeys: undefined }),
      )
      this.#bySubscriber.set(subscriber, triggers)
      for (const trigger of triggers) {
        const resource = trigger.watch.definition?.storedAs.key
        if (resource === undefined) this.#ofEvery.push(trigger)
        else this.#byResource.set(resource, [...(this.#byResource.get(resource) ?? []), trigger])
      }
    }
  }

  /** Whether anybody wants to know of this kind of row. */
  isWatched(resource: string): boolean {
    return this.#ofEvery.length > 0 || this.#byResource.has(resource)
  }

  /** Queues what a change concerns. @param report what to do with a trigger that throws */
  fire(row: SnapshotChange, snapshot: Snapshot, report: (controller: Controller, error: unknown) => void): void {
    let change: Change | undefined
    const wake = (trigger: Trigger) => {
      const definition = trigger.watch.definition ?? this.#storedDefinition(row.stored.resource)
      if (!definition) return
      if (change?.definition !== definition) change = changeOf(definition, row)
      try {
        this.#enqueue(trigger, trigger.watch.keys(change, snapshot))
      } catch (error) {
        report(trigger.controller, error)
      }
    }
    for (const trigger of this.#byResource.get(row.stored.resource) ?? []) wake(trigger)
    for (const trigger of this.#ofEvery) wake(trigger)
  }

  /** The next answers count again: keys may have been taken since. */
  forget(subscriber: Subscriber): void {
    for (const trigger of this.#bySubscriber.get(subscriber) ?? []) trigger.lastKeys = undefined
  }

  #enqueue(trigger: Trigger, keys: readonly WorkKey[]): void {
    if (!keys.length || keys === trigger.lastKeys) return
    trigger.lastKeys = keys
    for (const key of keys) trigger.queue.add(key)
  }

  #storedDefinition(resource: string): ResourceDefinition<KubeObject> | undefined {
    const split = resource.lastIndexOf('/')
    return this.#catalogue.find(resource.slice(0, split), resource.slice(split + 1))
  }
}

function changeOf(definition: ResourceDefinition, { type, stored, old }: SnapshotChange): Change {
  const change: Change = { definition, object: objectOf(definition, stored), deleted: type === 'DELETED' }
  if (old) change.old = objectOf(definition, old)
  return change
}
