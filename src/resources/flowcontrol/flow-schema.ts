import { defineResource } from '../define-resource.js'
import type { FlowSchema } from '../shapes/flowcontrol-v1.js'

export const flowSchema = defineResource<FlowSchema>('flowcontrol.apiserver.k8s.io/v1/flowschemas', {
  metadataChecks: ['whole'],
  cells: {
    PriorityLevel: ({ spec }) => spec.priorityLevelConfiguration.name,
    MatchingPrecedence: ({ spec }) => spec.matchingPrecedence,
    DistinguisherMethod: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>',
    MissingPL: ({ status }) => status.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
  },
})
