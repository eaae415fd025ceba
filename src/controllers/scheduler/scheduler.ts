// The scheduler: each pod without a node gets the best of those that can take it, or is told why there is none.
// Upstream: pkg/scheduler/schedule_one.go
// Differs: volumes are taken for present as soon as their claim is.
import { type Controller, defineController, on, type Plan, type Snapshot } from '../../machinery/index.js'
import { node, type Pod, persistentVolumeClaim, pod, podDisruptionBudget } from '../../resources/index.js'
import { podsByNode } from '../pod-indexes.js'
import { choose, type Situation } from './choice.js'
import { clusterState, NeighbourhoodMemory } from './neighbourhood.js'
import { everyPending, isAnyNominated, isPending, nominatedFor, wokenByNode, wokenByPod } from './pending-pods.js'
import { type ClusterState, RefusalMemory } from './refusal-memory.js'
import { bind, explain } from './scheduling-plans.js'

interface Observed extends Situation {
  now: number
  /** Nothing but nodes, and pods that have one, decides about it. */
  isAlone: boolean
  state(): ClusterState
}

/** One for each cluster: it keeps counts in mind. */
export function scheduler(): Controller<Observed> {
  const memory = new NeighbourhoodMemory()
  const refusals = new RefusalMemory()
  return defineController<Observed>({
    name: 'kube-scheduler',
    fieldManager: 'kube-scheduler',
    leads: true,
    username: 'system:kube-scheduler',
    watches: [
      on(pod, wokenByPod),
      on(node, wokenByNode),
      on(persistentVolumeClaim, ({ old, deleted }, snapshot) => (old || deleted ? [] : everyPending(snapshot))),
    ],
    observe(key, snapshot) {
      const object = snapshot.get(pod, key)
      if (!object || !isPending(object)) return undefined
      const missingClaim = missingClaimOf(object, snapshot)
      return {
        pod: object,
        podsOn: (name) => snapshot.find(podsByNode, name),
        nominatedFor: nominatedFor(snapshot),
        neighbourhood: memory.neighbourhoodIn(snapshot),
        budgetsIn: (of) => snapshot.list(podDisruptionBudget, { namespace: of }),
        missingClaim,
        now: snapshot.now,
        isAlone: missingClaim === undefined && !isAnyNominated(snapshot),
        state: () => clusterState(snapshot),
      }
    },
    reconcile(observed): Plan {
      const { pod: object, isAlone, state, now } = observed
      const known = isAlone ? refusals.recall(object, state) : undefined
      const choice = known === undefined ? choose(observed) : { message: known }
      if (choice === 'waiting') return { writes: [] }
      if ('node' in choice) return bind(object, choice.node)
      if (isAlone && !choice.preemption) refusals.remember(object, choice.message, state())
      return explain(object, { ...choice, now })
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
