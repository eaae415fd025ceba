// What the neighbours say to a write: steps that see the object and the Snapshot, in a fixed order, before validation.
import type { KubeObject } from './object.js'
import type { Random } from './random.js'
import type { CompanionWrite, ResourceDefinition } from './resource.js'
import type { Snapshot } from './snapshot.js'
import type { Status } from './status.js'
import type { UserInfo } from './user.js'

export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly definition: ResourceDefinition<T>
  /** Empty for the resource itself. */
  readonly subresource: string
  readonly namespace: string
  /** Empty when the name is still to be generated. */
  readonly name: string
  /** The new object, which the step may change; on DELETE the object that goes. */
  readonly object: T
  /** The stored object; absent on CREATE. */
  readonly old: T | undefined
  readonly snapshot: Snapshot
  readonly random: Random
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Adds a Warning header. */
  warn(text: string): void
}

export type Admission = { refused: Status } | { companions: CompanionWrite[] } | undefined

export interface AdmissionStep {
  /** Upstream's plugin name, by which `--disable-admission-plugins` knows it. Steps that no flag may turn off have none. */
  readonly plugin?: string
  /** Plugins run before a generated name is known, unless they say so; the other steps run after it. */
  readonly runsOnceNamed?: boolean
  /** Runs for these definitions only (their keys, `v1/pods`); absent: for all. */
  readonly resources?: readonly string[]
  readonly operations: readonly AdmissionRequest['operation'][]
  // biome-ignore lint/suspicious/noExplicitAny: a step knows the type of the resources it names
  admit(request: AdmissionRequest<any>): Admission
}
