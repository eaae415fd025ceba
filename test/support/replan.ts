// What controllers would do if they looked at everything once more: on their own results it must be nothing.
import type { Controller, PlannedWrite } from '../../src/machinery/index.js'
import { formatWorkKey, type WorkKey } from '../../src/machinery/index.js'
import { type Realm, snapshotOf } from '../../src/registry/index.js'

/** Every write that a settled cluster still wants: `kubelet default/web: update v1/pods`. */
export function replan(realm: Realm, controllers: readonly Controller[]): string[] {
  const snapshot = snapshotOf(realm)
  return controllers.flatMap((controller) => {
    const keys = new Map<string, WorkKey>()
    for (const { definition, keys: keysOf } of controller.watches) {
      for (const kind of definition ? [definition] : snapshot.definitions.filter((each) => each.storedAs === each)) {
        for (const object of snapshot.list(kind)) {
          for (const key of keysOf({ definition: kind, object, deleted: false }, snapshot)) keys.set(formatWorkKey(key), key)
        }
      }
    }
    return [...keys].flatMap(([id, key]) => {
      const observed = controller.observe(key, snapshot)
      const { writes } = observed === undefined ? { writes: [] } : controller.reconcile(observed)
      return writes.map((write) => `${controller.name} ${id}: ${describe(write)}`)
    })
  })
}

function describe(write: PlannedWrite): string {
  return write.verb === 'event' ? `event ${write.event.reason}` : `${write.verb} ${write.definition.key}`
}
