// The kinds, in discovery order. Nothing registers itself: what is not in this list is not served.
import type { ResourceDefinition } from '../machinery/index.js'
import { mutatingWebhookConfiguration } from './admissionregistration/mutating-webhook-configuration.js'
import { validatingAdmissionPolicy } from './admissionregistration/validating-admission-policy.js'
import { validatingAdmissionPolicyBinding } from './admissionregistration/validating-admission-policy-binding.js'
import { validatingWebhookConfiguration } from './admissionregistration/validating-webhook-configuration.js'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.js'
import { apiService } from './apiregistration/api-service.js'
import { controllerRevision } from './apps/controller-revision.js'
import { daemonSet } from './apps/daemon-set.js'
import { deployment } from './apps/deployment.js'
import { replicaSet } from './apps/replica-set.js'
import { statefulSet } from './apps/stateful-set.js'
import { selfSubjectReview } from './authentication/self-subject-review.js'
import { tokenReview } from './authentication/token-review.js'
import { localSubjectAccessReview } from './authorization/local-subject-access-review.js'
import { selfSubjectAccessReview } from './authorization/self-subject-access-review.js'
import { selfSubjectRulesReview } from './authorization/self-subject-rules-review.js'
import { subjectAccessReview } from './authorization/subject-access-review.js'
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.js'
import { horizontalPodAutoscalerV1 } from './autoscaling/horizontal-pod-autoscaler-v1.js'
import { cronJob } from './batch/cron-job.js'
import { job } from './batch/job.js'
import { certificateSigningRequest } from './certificates/certificate-signing-request.js'
import { lease } from './coordination/lease.js'
import { binding } from './core/binding.js'
import { componentStatus } from './core/component-status.js'
import { configMap } from './core/config-map.js'
import { endpoints } from './core/endpoints.js'
import { event } from './core/event.js'
import { limitRange } from './core/limit-range.js'
import { namespace } from './core/namespace.js'
import { node } from './core/node.js'
import { persistentVolume } from './core/persistent-volume.js'
import { persistentVolumeClaim } from './core/persistent-volume-claim.js'
import { pod } from './core/pod.js'
import { podTemplate } from './core/pod-template.js'
import { replicationController } from './core/replication-controller.js'
import { resourceQuota } from './core/resource-quota.js'
import { secret } from './core/secret.js'
import { service } from './core/service.js'
import { serviceAccount } from './core/service-account.js'
import { endpointSlice } from './discovery/endpoint-slice.js'
import { eventsEvent } from './events/event.js'
import { flowSchema } from './flowcontrol/flow-schema.js'
import { priorityLevelConfiguration } from './flowcontrol/priority-level-configuration.js'
import { ingress } from './networking/ingress.js'
import { ingressClass } from './networking/ingress-class.js'
import { ipAddress } from './networking/ip-address.js'
import { networkPolicy } from './networking/network-policy.js'
import { serviceCIDR } from './networking/service-cidr.js'
import { runtimeClass } from './node/runtime-class.js'
import { podDisruptionBudget } from './policy/pod-disruption-budget.js'
import { clusterRole } from './rbac/cluster-role.js'
import { clusterRoleBinding } from './rbac/cluster-role-binding.js'
import { role } from './rbac/role.js'
import { roleBinding } from './rbac/role-binding.js'
import { deviceClass } from './resource/device-class.js'
import { resourceClaim } from './resource/resource-claim.js'
import { resourceClaimTemplate } from './resource/resource-claim-template.js'
import { resourceSlice } from './resource/resource-slice.js'
import { priorityClass } from './scheduling/priority-class.js'
import { csiDriver } from './storage/csi-driver.js'
import { csiNode } from './storage/csi-node.js'
import { csiStorageCapacity } from './storage/csi-storage-capacity.js'
import { storageClass } from './storage/storage-class.js'
import { volumeAttachment } from './storage/volume-attachment.js'
import { volumeAttributesClass } from './storage/volume-attributes-class.js'

export const builtInResources: readonly ResourceDefinition[] = [
  binding,
  componentStatus,
  configMap,
  endpoints,
  event,
  limitRange,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  podTemplate,
  replicationController,
  resourceQuota,
  secret,
  serviceAccount,
  service,
  apiService,
  controllerRevision,
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  eventsEvent,
  selfSubjectReview,
  tokenReview,
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  cronJob,
  job,
  certificateSigningRequest,
  ingressClass,
  ingress,
  ipAddress,
  networkPolicy,
  serviceCIDR,
  podDisruptionBudget,
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  storageClass,
  volumeAttachment,
  volumeAttributesClass,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  customResourceDefinition,
  priorityClass,
  lease,
  runtimeClass,
  endpointSlice,
  deviceClass,
  resourceClaim,
  resourceClaimTemplate,
  resourceSlice,
  flowSchema,
  priorityLevelConfiguration,
]

export { type CronSchedule, parseCronSchedule } from './batch/cron-schedule.js'
export { type BootstrapInputs, type BootstrapWrite, bootstrapObjects } from './bootstrap/index.js'
export { addResources, podLimits, podRequests, type Resources, readResources } from './core/pod-resources.js'
export { isReady } from './core/pod-status.js'
export { addAmounts, amountsText, haveSameAmounts, increaseOfAmounts, pickAmounts, writeAmounts } from './core/quota-amounts.js'
export { type QuotaEvaluator, quotaEvaluatorOf } from './core/quota-evaluators.js'
export { scopesOf } from './core/quota-scopes.js'
export { validateClusterIPs } from './core/service-address-validation.js'
export {
  allocatesNodePorts,
  clusterIPsOf,
  headlessIP,
  isHeadless,
  needsClusterIP,
  needsHealthCheckNodePort,
  needsNodePorts,
  nodePortsOf,
} from './core/service-type.js'
export { defaultObject } from './defaults.js'
export { defineResource, schema } from './define-resource.js'
export { serviceCIDRFinalizer } from './networking/service-cidr.js'
export { aggregateRules } from './rbac/rules.js'
export type * from './shapes/apps-v1.js'
export type * from './shapes/batch-v1.js'
export type * from './shapes/core-v1.js'
export type { Endpoint, EndpointHints, EndpointPort as SlicePort, EndpointSlice } from './shapes/discovery-v1.js'
export { resourceTable } from './shapes/facts.js'
export type * from './shapes/networking-v1.js'
export type * from './shapes/node-v1.js'
export type * from './shapes/policy-v1.js'
export type * from './shapes/scheduling-v1.js'
export type * from './shapes/storage-v1.js'
export {
  apiService,
  binding,
  certificateSigningRequest,
  clusterRole,
  clusterRoleBinding,
  componentStatus,
  configMap,
  controllerRevision,
  cronJob,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  customResourceDefinition,
  daemonSet,
  deployment,
  deviceClass,
  endpointSlice,
  endpoints,
  event,
  eventsEvent,
  flowSchema,
  horizontalPodAutoscaler,
  horizontalPodAutoscalerV1,
  ingress,
  ingressClass,
  ipAddress,
  job,
  lease,
  limitRange,
  localSubjectAccessReview,
  mutatingWebhookConfiguration,
  namespace,
  networkPolicy,
  node,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podDisruptionBudget,
  podTemplate,
  priorityClass,
  priorityLevelConfiguration,
  replicaSet,
  replicationController,
  resourceClaim,
  resourceClaimTemplate,
  resourceQuota,
  resourceSlice,
  role,
  roleBinding,
  runtimeClass,
  secret,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  service,
  serviceAccount,
  serviceCIDR,
  statefulSet,
  storageClass,
  subjectAccessReview,
  tokenReview,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  volumeAttachment,
  volumeAttributesClass,
}
