import { defineResource } from '../define-resource.js'
import type { PriorityLevelConfiguration } from '../shapes/flowcontrol-v1.js'

function queuingOf({ spec }: PriorityLevelConfiguration) {
  return spec.limited?.limitResponse.queuing
}

export const priorityLevelConfiguration = defineResource<PriorityLevelConfiguration>('flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', {
  metadataChecks: ['whole'],
  cells: {
    Type: ({ spec }) => spec.type,
    NominalConcurrencyShares: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    Queues: (level) => queuingOf(level)?.queues ?? '<none>',
    HandSize: (level) => queuingOf(level)?.handSize ?? '<none>',
    QueueLengthLimit: (level) => queuingOf(level)?.queueLengthLimit ?? '<none>',
  },
})
