// The usage of a quota is counted when its limits change and when something it counts is given back; what is taken is booked
// by admission.
// Upstream: pkg/controller/resourcequota/resource_quota_controller.go, resource_quota_monitor.go
import {
  type Change,
  type Controller,
  deepEqual,
  defineController,
  type KubeObject,
  keyOf,
  on,
  onEvery,
  type ResourceDefinition,
  type Snapshot,
} from '../machinery/index.js'
import {
  addAmounts,
  haveSameAmounts,
  pickAmounts,
  type QuotaEvaluator,
  quotaEvaluatorOf,
  type ResourceQuota,
  type Resources,
  readResources,
  resourceQuota,
  scopesOf,
  writeAmounts,
} from '../resources/index.js'

interface Observed {
  quota: ResourceQuota
  /** Counted from the objects there are. */
  counted: Resources
}

export const resourceQuotaController: Controller<Observed> = defineController<Observed>({
  name: 'resourcequota-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    on(resourceQuota, ({ object, old, deleted }) => (deleted || deepEqual(object.spec, old?.spec) ? [] : [keyOf(object)])),
    onEvery((change, snapshot) => {
      const { namespace } = change.object.metadata
      if (!namespace || !givesBack(change, snapshot.now)) return []
      return snapshot.list(resourceQuota, { namespace }).map(keyOf)
    }),
  ],
  observe(key, snapshot) {
    const quota = snapshot.get(resourceQuota, key)
    return quota && { quota, counted: count(quota, snapshot) }
  },
  reconcile({ quota, counted }) {
    const hard = quota.spec.hard ?? {}
    const present = readResources(quota.status.used)
    const used = pickAmounts(new Map([...present, ...counted]), (name) => Object.hasOwn(hard, name))
    if (deepEqual(hard, quota.status.hard ?? {}) && haveSameAmounts(used, present)) return { writes: [] }
    const object = { ...quota, status: { hard, used: writeAmounts(used) } }
    return { writes: [{ verb: 'update', definition: resourceQuota, object, subresource: 'status' }] }
  },
})

function givesBack({ definition, object, old, deleted }: Change, now: number): boolean {
  const evaluator = quotaEvaluatorOf(definition)
  if (!evaluator) return false
  return deleted || (old !== undefined && (evaluator.givesBack?.(object, old, now) ?? false))
}

/** What the objects of the namespace take of everything that the quota limits. */
function count(quota: ResourceQuota, snapshot: Snapshot): Resources {
  const names = Object.keys(quota.spec.hard ?? {})
  let total: Resources = new Map()
  for (const definition of snapshot.definitions) {
    const evaluator = definition.storedAs === definition ? quotaEvaluatorOf(definition) : undefined
    const counted = evaluator ? names.filter((name) => evaluator.counts(name)) : []
    if (!evaluator || !counted.length) continue
    total = addAmounts(total, new Map(counted.map((name) => [name, { nanos: 0n, format: 'decimal' }])))
    for (const object of countedObjects(quota, definition, evaluator, snapshot)) {
      total = addAmounts(
        total,
        pickAmounts(evaluator.usage(object, snapshot.now), (name) => counted.includes(name)),
      )
    }
  }
  return total
}

function countedObjects(quota: ResourceQuota, definition: ResourceDefinition, evaluator: QuotaEvaluator, snapshot: Snapshot): KubeObject[] {
  const scopes = scopesOf(quota)
  return snapshot
    .list(definition, { namespace: quota.metadata.namespace })
    .filter((object) => scopes.every((scope) => evaluator.isInScope?.(object, scope) ?? false))
}
