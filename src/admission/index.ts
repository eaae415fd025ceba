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
import { runtimeClassStep } from './runtime-class.js'
import { serviceAccountStep } from './service-account.js'
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
]

/** Names that flags may turn off. */
export const admissionPluginNames: readonly string[] = plugins.map(({ plugin }) => plugin as string)

export interface AdmissionOptions {
  /** Plugins left out, by name. */
  disabledPlugins?: readonly string[]
}

/** The steps every write passes, in order. */
export function admissionSteps({ disabledPlugins = [] }: AdmissionOptions = {}): AdmissionStep[] {
  return plugins.filter(({ plugin }) => !disabledPlugins.includes(plugin as string))
}
