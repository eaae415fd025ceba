// What is written once a choice is made.
// Upstream: pkg/scheduler/schedule_one.go handleSchedulingFailure, pkg/scheduler/framework/preemption/executor.go
import { deepEqual, keyOf, type Plan, type PlannedEvent, type PlannedWrite } from '../../machinery/index.js'
import { type Node, type Pod, pod } from '../../resources/index.js'
import { withCondition } from '../pod-condition.js'
import type { Preemption } from './preemption.js'

export function bind(object: Pod, { metadata: { name: nodeName } }: Node): Plan {
  const { namespace = '', name = '', uid } = object.metadata
  const key = { namespace, name }
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target: { kind: 'Node', name: nodeName } }
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`
  return {
    writes: [
      { verb: 'createSubresource', definition: pod, key, subresource: 'binding', object: binding },
      tell(object, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message }),
    ],
  }
}

/** @param now milliseconds since the epoch */
export function explain(object: Pod, { message, preemption, now }: { message: string; preemption?: Preemption; now: number }): Plan {
  const { nominatedNodeName: _nominated, ...unnominated } = withCondition(
    object,
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
    now,
  )
  const status = preemption ? { ...unnominated, nominatedNodeName: preemption.node.metadata.name } : unnominated
  const evictions = preemption?.victims.flatMap((victim) => evict(victim, object, preemption.node, now)) ?? []
  // What has been said is not said again.
  if (deepEqual(status, object.status)) return { writes: evictions }
  return {
    writes: [
      ...evictions,
      tell(object, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message }),
      { verb: 'update', definition: pod, object: { ...object, status }, subresource: 'status' },
    ],
  }
}

function evict(victim: Pod, preemptor: Pod, { metadata: { name: nodeName } }: Node, now: number): PlannedWrite[] {
  if (victim.metadata.deletionTimestamp) return []
  const message = 'default-scheduler: preempting to accommodate a higher priority pod'
  const status = withCondition(victim, { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message }, now)
  const { uid } = victim.metadata
  return [
    tell(victim, { type: 'Normal', reason: 'Preempted', action: 'Preempting', message: `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}` }),
    { verb: 'update', definition: pod, object: { ...victim, status }, subresource: 'status' },
    { verb: 'delete', definition: pod, key: keyOf(victim), options: { preconditions: { uid } } },
  ]
}

function tell({ metadata }: Pod, { type, reason, action, message }: Pick<PlannedEvent, 'type' | 'reason' | 'action' | 'message'>): PlannedWrite {
  const { namespace, name = '', uid, resourceVersion } = metadata
  const regarding = { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion }
  return { verb: 'event', event: { type, reason, action, message, regarding, component: 'default-scheduler', host: 'default-scheduler-kubedouble' } }
}
