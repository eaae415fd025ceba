// The priority levels and flow schemas of a fresh cluster. Nothing is throttled by them here: they are there to be read.
// Upstream: apiserver/pkg/apis/flowcontrol/bootstrap/default.go
import { flowSchema } from '../flowcontrol/flow-schema.js'
import { priorityLevelConfiguration } from '../flowcontrol/priority-level-configuration.js'
import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, Subject } from '../shapes/flowcontrol-v1.js'
import type { BootstrapWrite } from './bootstrap-write.js'

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1'
const producer = 'api-priority-and-fairness-config-producer-v1'
const consumer = 'api-priority-and-fairness-config-consumer-v1'
const annotations = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

/** @param time of the conditions, RFC 3339 */
export function priorityAndFairnessObjects(time: string): BootstrapWrite[] {
  const schemas = flowSchemas.map(flowSchemaOf)
  return [
    ...levels.map((level) => ({ definition: priorityLevelConfiguration, object: levelOf(level), manager: producer })),
    ...schemas.map((object) => ({ definition: flowSchema, object, manager: producer })),
    ...schemas.map((schema) => ({
      definition: flowSchema,
      object: withStatus(schema, time),
      manager: consumer,
      operation: 'Apply' as const,
      subresource: 'status' as const,
    })),
  ]
}

type Queue = [queues: number, handSize: number]

/** Shares and what may be lent of them, in percent; without a queue what is too much is rejected. */
const levels: [name: string, shares: number, lendablePercent: number, queue?: Queue][] = [
  ['catch-all', 5, 0],
  ['exempt', 0, 0],
  ['global-default', 20, 50, [128, 6]],
  ['leader-election', 10, 0, [16, 4]],
  ['node-high', 40, 25, [64, 6]],
  ['system', 30, 33, [64, 6]],
  ['workload-high', 40, 50, [128, 6]],
  ['workload-low', 100, 90, [128, 6]],
]

function levelOf([name, nominalConcurrencyShares, lendablePercent, queue]: (typeof levels)[number]): PriorityLevelConfiguration {
  const metadata = { name, annotations }
  const head = { kind: 'PriorityLevelConfiguration', apiVersion, metadata, status: {} }
  if (name === 'exempt') return { ...head, spec: { type: 'Exempt', exempt: { nominalConcurrencyShares, lendablePercent } } }
  const limitResponse = queue ? { type: 'Queue', queuing: { queues: queue[0], handSize: queue[1], queueLengthLimit: 50 } } : { type: 'Reject' }
  return { ...head, spec: { type: 'Limited', limited: { nominalConcurrencyShares, limitResponse, lendablePercent } } }
}

const group = (name: string): Subject => ({ kind: 'Group', group: { name } })
const user = (name: string): Subject => ({ kind: 'User', user: { name } })
const systemAccounts: Subject = { kind: 'ServiceAccount', serviceAccount: { namespace: 'kube-system', name: '*' } }
const everyone = [group('system:unauthenticated'), group('system:authenticated')]
const managerUser = user('system:kube-controller-manager')
const schedulerUser = user('system:kube-scheduler')

const anything: PolicyRulesWithSubjects = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
const probes: PolicyRulesWithSubjects = { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }
const leases: PolicyRulesWithSubjects = {
  resourceRules: [{ verbs: ['get', 'create', 'update'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] }],
}
const heartbeats: PolicyRulesWithSubjects = {
  resourceRules: [
    { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true, namespaces: ['*'] },
    { verbs: ['*'], apiGroups: ['coordination.k8s.io'], resources: ['leases'], namespaces: ['*'] },
  ],
}

interface FlowSchemaText {
  name: string
  level: string
  precedence: number
  by?: 'ByUser' | 'ByNamespace'
  subjects: Subject[]
  rules: PolicyRulesWithSubjects
}

const flowSchemas: FlowSchemaText[] = [
  { name: 'catch-all', level: 'catch-all', precedence: 10000, by: 'ByUser', subjects: everyone, rules: anything },
  { name: 'exempt', level: 'exempt', precedence: 1, subjects: [group('system:masters')], rules: anything },
  { name: 'global-default', level: 'global-default', precedence: 9900, by: 'ByUser', subjects: everyone, rules: anything },
  { name: 'kube-controller-manager', level: 'workload-high', precedence: 800, by: 'ByNamespace', subjects: [managerUser], rules: anything },
  { name: 'kube-scheduler', level: 'workload-high', precedence: 800, by: 'ByNamespace', subjects: [schedulerUser], rules: anything },
  { name: 'kube-system-service-accounts', level: 'workload-high', precedence: 900, by: 'ByNamespace', subjects: [systemAccounts], rules: anything },
  { name: 'probes', level: 'exempt', precedence: 2, subjects: everyone, rules: probes },
  { name: 'service-accounts', level: 'workload-low', precedence: 9000, by: 'ByUser', subjects: [group('system:serviceaccounts')], rules: anything },
  {
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    subjects: [managerUser, schedulerUser, systemAccounts],
    rules: leases,
  },
  { name: 'system-node-high', level: 'node-high', precedence: 400, by: 'ByUser', subjects: [group('system:nodes')], rules: heartbeats },
  { name: 'system-nodes', level: 'system', precedence: 500, by: 'ByUser', subjects: [group('system:nodes')], rules: anything },
]

function flowSchemaOf({ name, level, precedence, by, subjects, rules }: FlowSchemaText): FlowSchema {
  return {
    kind: 'FlowSchema',
    apiVersion,
    metadata: { name, annotations },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(by ? { distinguisherMethod: { type: by } } : {}),
      rules: [{ subjects, ...rules }],
    },
    status: {},
  }
}

function withStatus(schema: FlowSchema, lastTransitionTime: string): FlowSchema {
  const message = `This FlowSchema references the PriorityLevelConfiguration object named "${schema.spec.priorityLevelConfiguration.name}" and it exists`
  return { ...schema, status: { conditions: [{ type: 'Dangling', status: 'False', lastTransitionTime, reason: 'Found', message }] } }
}
