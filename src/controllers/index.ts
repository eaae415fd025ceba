// The controllers, in the order in which they start. Nothing registers itself.
import type { Controller } from '../machinery/index.js'
import { namespaceController } from './namespace/namespace-controller.js'
import { rootCACertificateController } from './root-ca-certificate.js'
import { serviceAccountController } from './service-account.js'

export { simulatedAnnotation, simulatedNodes } from './node/simulated-node.js'

export interface ControllerOptions {
  maxEndpointsPerSlice: number
  /** PEM of the authority that pods are told to trust. */
  clusterCA: string
}

/** Some names stand for more than one controller: a kubelet looks after its node and after its pods. */
export function controllersOf({ clusterCA }: ControllerOptions): Controller[] {
  return [serviceAccountController, namespaceController, rootCACertificateController(clusterCA)]
}

/** By which `--controllers` knows them. */
export const controllerNames: readonly string[] = [...new Set(controllersOf({ maxEndpointsPerSlice: 1, clusterCA: '' }).map(({ name }) => name))]
