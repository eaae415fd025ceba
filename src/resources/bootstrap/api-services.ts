// An APIService for every group version that is served: the aggregation layer's view of discovery.
// Upstream: kube-aggregator's apiserver, cmd/kube-apiserver/app/aggregator.go for the priorities
import { apiService } from '../apiregistration/api-service.js'
import type { APIService } from '../shapes/apiregistration-v1.js'
import { resourceTable } from '../shapes/facts.js'
import type { BootstrapWrite } from './bootstrap-write.js'

/** Higher goes first in discovery. */
const groupPriorities: Record<string, number> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
}
const versionPriorities: Record<string, number> = { 'v1.': 1, 'v2.autoscaling': 30, 'v1.flowcontrol.apiserver.k8s.io': 21, 'v1.resource.k8s.io': 21 }
const usualVersionPriority = 15

/** @param time of the conditions, RFC 3339 */
export function apiServiceObjects(time: string): BootstrapWrite[] {
  return resourceTable.$groups
    .filter(([group]) => Object.hasOwn(groupPriorities, group))
    .flatMap(([group, ...versions]) => versions.map((version) => apiServiceOf(group, version, time)))
    .map((object) => ({ definition: apiService, object, manager: 'kube-apiserver' }))
}

function apiServiceOf(group: string, version: string, lastTransitionTime: string): APIService {
  const name = `${version}.${group}`
  const spec = { groupPriorityMinimum: groupPriorities[group], versionPriority: versionPriorities[name] ?? usualVersionPriority }
  return {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: { ...(group ? { group } : {}), version, ...spec },
    status: {
      conditions: [{ type: 'Available', status: 'True', lastTransitionTime, reason: 'Local', message: 'Local APIServices are always available' }],
    },
  }
}
