// Objects that are written one after the other are often alike: pods of one template, their states on the way to running. What two of them
// have in common is kept once, which is most of either.
import { type KubeObject, sharingEqualParts } from '../machinery/index.js'
import type { WatchEventType } from './store.js'

export class Alike {
  /** The newest object of each resource for each kind of write. */
  readonly #newest = new Map<string, KubeObject>()

  /** The object, made of parts of the last such one where they are equal. @param old of which it may have parts, which were looked at with it */
  sharing(resource: string, type: WatchEventType, object: KubeObject, old: KubeObject | undefined): KubeObject {
    // What is deleted shares all with its own last state.
    if (type === 'DELETED') return object
    const key = `${type} ${resource}`
    const shared = sharingEqualParts(this.#newest.get(key), object, old)
    this.#newest.set(key, shared)
    return shared
  }
}
