// One write of the process to its own fresh cluster.
import type { KubeObject, ResourceDefinition } from '../../machinery/index.js'

export interface BootstrapWrite {
  definition: ResourceDefinition
  /**
   * The whole object as it stands after this write, without what only the registry can know (uid, generation, times, managed fields).
   * An object that occurs again is the same object changed by another manager.
   */
  object: KubeObject
  /** Field manager; empty where upstream records none. */
  manager: string
  /** `Update` unless it says otherwise. */
  operation?: 'Apply'
  subresource?: 'status'
}
