// The controllers, in the order in which they start. Nothing registers itself.
import type { Controller } from '../machinery/index.js'
import { bootstrapController, type InitialObject } from './bootstrap.js'
import { cronJobController } from './cron-job/cron-job-controller.js'
import { daemonSetController } from './daemon-set/daemon-set-controller.js'
import { deploymentController } from './deployment/deployment-controller.js'
import { disruptionController } from './disruption/disruption-controller.js'
import { endpointSliceController } from './endpoint-slice/endpoint-slice-controller.js'
import { endpointSliceMirroringController } from './endpoint-slice-mirroring/endpoint-slice-mirroring-controller.js'
import { endpointsController } from './endpoints/endpoints-controller.js'
import { eventExpiry } from './event-expiry.js'
import { garbageCollector } from './garbage-collector/garbage-collector.js'
import { jobController } from './job/job-controller.js'
import { ttlAfterFinishedController } from './job/ttl-after-finished.js'
import { kubeletNodeController } from './kubelet/kubelet-node.js'
import { kubeletPodController } from './kubelet/kubelet-pods.js'
import { type LoadBalancerOptions, loadBalancerController } from './load-balancer/load-balancer-controller.js'
import { namespaceController } from './namespace/namespace-controller.js'
import { nodeIPAMController } from './node/node-ipam.js'
import { nodeLifecycleController } from './node/node-lifecycle.js'
import { nodeRegistrationController } from './node/node-registration.js'
import { type PodNetworkOptions, podNetworkOf } from './node/pod-network.js'
import { podGarbageCollector } from './pod-garbage-collector.js'
import { replicaSetController, replicationController } from './replica-set/replica-set-controller.js'
import { resourceQuotaController } from './resource-quota.js'
import { rootCACertificateController } from './root-ca-certificate.js'
import { scheduler } from './scheduler/scheduler.js'
import { serviceAccountController } from './service-account.js'
import { type AccountTokenOptions, serviceAccountTokenController } from './service-account-tokens.js'
import { serviceCIDRController } from './service-cidr.js'
import { serviceIPRepair } from './service-ip-repair.js'
import { statefulSetController } from './stateful-set/stateful-set-controller.js'
import { taintEvictionController } from './taint-eviction.js'
import { volumeClaimProtectionController } from './volume-claim-protection.js'

export { parseDuration } from './duration.js'
export { reportedNode, startOf } from './kubelet/first-nodes.js'
export { defaultBalancerRange, parseBalancerPool } from './load-balancer/balancer-pool.js'
export { defaultMaskSizes, type PodNetwork, podNetworkOf, roomIn } from './node/pod-network.js'
export { simulatedAnnotation, simulatedNodes } from './node/simulated-node.js'

export interface ControllerOptions extends LoadBalancerOptions, AccountTokenOptions, PodNetworkOptions {
  maxEndpointsPerSlice: number
  /** What the cluster was born with; asked for once it lives. */
  initialObjects?: () => readonly InitialObject[]
}

/** Some names stand for more than one controller: a kubelet looks after its node and after its pods. */
export function controllersOf({
  maxEndpointsPerSlice,
  clusterCA,
  issueToken,
  clusterCIDRs,
  nodeMaskSizes,
  serviceCIDRs,
  initialObjects = () => [],
  ...balancers
}: ControllerOptions): Controller[] {
  return [
    bootstrapController(initialObjects),
    serviceAccountController,
    serviceAccountTokenController({ clusterCA, issueToken }),
    namespaceController,
    rootCACertificateController(clusterCA),
    resourceQuotaController,
    garbageCollector,
    eventExpiry,
    deploymentController,
    replicaSetController,
    replicationController,
    statefulSetController,
    daemonSetController,
    jobController,
    ttlAfterFinishedController,
    cronJobController,
    disruptionController,
    volumeClaimProtectionController,
    nodeIPAMController(podNetworkOf({ clusterCIDRs, nodeMaskSizes, serviceCIDRs })),
    nodeRegistrationController,
    nodeLifecycleController,
    taintEvictionController,
    podGarbageCollector,
    scheduler(),
    kubeletNodeController,
    kubeletPodController,
    serviceCIDRController,
    serviceIPRepair,
    // Before Endpoints, which of a large Service take longer and are read by fewer.
    endpointSliceController({ maxEndpointsPerSlice }),
    endpointsController,
    endpointSliceMirroringController,
    loadBalancerController(balancers),
  ]
}

/** By which `--controllers` knows them. */
export const controllerNames: readonly string[] = [
  ...new Set(controllersOf({ maxEndpointsPerSlice: 1, clusterCA: '', issueToken: () => '' }).map(({ name }) => name)),
]
