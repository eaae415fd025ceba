// The scheduler: each pod without a node gets the best of those that can take it, or is told why there is none.
// Upstream: pkg/scheduler/schedule_one.go
// Differs: volumes are taken for present as soon as their claim is.
import { type Controller, defineController, on, type Plan, type Snapshot } from '../../machinery/index.js'
import { node, type Pod, persistentVolumeClaim, pod, podDisruptionBudget } from '../../resources/index.js'
import { podsByNode } from '../pod-indexes.js'
import { choose, type Situation } from './choice.js'
import { NeighbourhoodMemory } from './neighbourhood.js'
import { everyPending, isPending, nominatedFor, wokenByNode, wokenByPod } from './pending-pods.js'
import { bind, explain } from './scheduling-plans.js'

interface Observed extends Situation {
  now: number
}

/** One for each cluster: it keeps counts in mind. */
export function scheduler(): Controller<Observed> {
  const memory = new NeighbourhoodMemory()
  return defineController<Observed>({
    name: 'kube-scheduler',
    fieldManager: 'kube-scheduler',
    username: 'system:kube-scheduler',
    watches: [
      on(pod, wokenByPod),
      on(node, wokenByNode),
      on(persistentVolumeClaim, ({ old, deleted }, snapshot) => (old || deleted ? [] : everyPending(snapshot))),
    ],
    observe(key, snapshot) {
      const object = snapshot.get(pod, key)
      if (!object || !isPending(object)) return undefined
      return {
        pod: object,
        podsOn: (name) => snapshot.find(podsByNode, name),
        nominatedFor: nominatedFor(snapshot),
        neighbourhood: memory.neighbourhoodIn(snapshot),
        budgetsIn: (of) => snapshot.list(podDisruptionBudget, { namespace: of }),
        missingClaim: missingClaimOf(object, snapshot),
        now: snapshot.now,
      }
    },
    reconcile(observed): Plan {
      const choice = choose(observed)
      if (choice === 'waiting') return { writes: [] }
      return 'node' in choice ? bind(observed.pod, choice.node) : explain(observed.pod, { ...choice, now: observed.now })
    },
  })
}

function missingClaimOf({ spec, metadata }: Pod, snapshot: Snapshot): string | undefined {
  for (const { name, persistentVolumeClaim: claim, ephemeral } of spec.volumes ?? []) {
    const claimName = claim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : undefined)
    if (claimName && !snapshot.get(persistentVolumeClaim, { namespace: metadata.namespace as string, name: claimName })) return claimName
  }
  return undefined
}
