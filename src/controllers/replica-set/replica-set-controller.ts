// The two kinds that keep a number of pods: replica sets, and the replication controllers that came before them.
// Upstream: pkg/controller/replicaset/replica_set.go, pkg/controller/replication/replication_controller.go
import { compileLabelSelector, matchesMap, type ResourceDefinition } from '../../machinery/index.js'
import { replicaSet, replicationController as replicationControllers } from '../../resources/index.js'
import { type Replicated, replicaController } from './replica-controller.js'

export const replicaSetController = replicaController({
  name: 'replicaset-controller',
  component: 'replicaset-controller',
  definition: replicaSet as unknown as ResourceDefinition<Replicated>,
  matcherOf: ({ spec }) => compileLabelSelector(spec.selector),
  countsTerminating: true,
})

export const replicationController = replicaController({
  name: 'replicationcontroller-controller',
  username: 'system:serviceaccount:kube-system:replication-controller',
  component: 'replication-controller',
  definition: replicationControllers as unknown as ResourceDefinition<Replicated>,
  matcherOf:
    ({ spec }) =>
    (labels) =>
      matchesMap(spec.selector as Record<string, string>, labels),
  countsTerminating: false,
})
