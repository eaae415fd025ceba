// What the neighbours say, in upstream's order.
// Upstream: pkg/kubeapiserver/options/plugins.go AllOrderedPlugins
import type { AdmissionStep } from '../machinery/index.js'
import { defaultIngressClass } from './default-ingress-class.js'
import { defaultStorageClass } from './default-storage-class.js'
import { defaultTolerationSeconds } from './default-toleration-seconds.js'
import { limitRanger } from './limit-ranger.js'
import { namespaceLifecycle } from './namespace-lifecycle.js'
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize.js'
import { podTopologyLabels } from './pod-topology-labels.js'
import { priority } from './priority.js'
import { resourceQuotaStep } from './resource-quota.js'
import { runtimeClassStep } from './runtime-class.js'
import { serviceAccountStep } from './service-account.js'
import { type ServicePools, serviceAllocation } from './service-allocation.js'
import { storageObjectInUseProtection } from './storage-object-in-use-protection.js'
import { taintNodesByCondition } from './taint-nodes-by-condition.js'

const plugins: readonly AdmissionStep[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccountStep,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClassStep,
  defaultIngressClass,
  podTopologyLabels,
  resourceQuotaStep,
]

/** Names that flags may turn off. */
export const admissionPluginNames: readonly string[] = plugins.map(({ plugin }) => plugin as string)

/** What a server has that was started without a word about ranges. */
const defaultPools: ServicePools = { serviceClusterIPRanges: [{ cidr: '10.96.0.0/16' }], serviceNodePortRange: { first: 30_000, last: 32_767 } }

export interface AdmissionOptions extends Partial<ServicePools> {
  /** Plugins left out, by name. */
  disabledPlugins?: readonly string[]
}

/** The steps every write passes, in order: plugins, then what no flag turns off. */
export function admissionSteps({ disabledPlugins = [], ...pools }: AdmissionOptions = {}): AdmissionStep[] {
  const enabled = plugins.filter(({ plugin }) => !disabledPlugins.includes(plugin as string))
  return [...enabled, serviceAllocation({ ...defaultPools, ...pools })]
}
