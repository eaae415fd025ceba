// Controllers: observe a Snapshot, decide, return a Plan. They never write and never wait.
import type { KubeObject, ObjectKey, Plain } from './object.js'
import type { DeleteOptions, ResourceDefinition } from './resource.js'
import type { Snapshot } from './snapshot.js'

export type PlannedWrite =
  | {
      verb: 'create'
      definition: ResourceDefinition
      object: Plain
      /** What follows once it is there and its name is known: as a rule an event. */
      whenMade?(made: KubeObject): PlannedWrite[]
      /** What follows when the API says no, in its words. The rest of the plan is left, and the key comes again later. */
      whenRefused?(message: string): PlannedWrite[]
    }
  /** `object.metadata.resourceVersion`, when given, must still be current. A conflict is not an error: the key comes again. */
  | { verb: 'update'; definition: ResourceDefinition; object: Plain; subresource?: string }
  | { verb: 'patch'; definition: ResourceDefinition; key: ObjectKey; patch: Plain; type: 'merge' | 'strategic'; subresource?: string }
  /** Server-side apply under the controller's field manager, forced. */
  | { verb: 'apply'; definition: ResourceDefinition; object: Plain; subresource?: string }
  | { verb: 'delete'; definition: ResourceDefinition; key: ObjectKey; options?: DeleteOptions }
  /** The object as a cluster is born with it: written as it stands, past admission and validation. */
  | { verb: 'plant'; definition: ResourceDefinition; object: KubeObject }
  /** POST to a subresource: a pod's binding or eviction. */
  | { verb: 'createSubresource'; definition: ResourceDefinition; key: ObjectKey; subresource: string; object: Plain }
  | { verb: 'event'; event: PlannedEvent }

/** What a controller works on: an object, or whatever else it names so. */
export interface WorkKey extends ObjectKey {
  /** For controllers of many kinds: the key of the object's definition, `v1/pods`. */
  resource?: string
}

/** The same text for the same work. */
export function formatWorkKey({ resource, namespace, name }: WorkKey): string {
  return resource === undefined ? `${namespace}/${name}` : `${resource} ${namespace}/${name}`
}

/** An Event to record; the same one again is counted, as upstream's recorders do. */
export interface PlannedEvent {
  regarding: { apiVersion: string; kind: string; namespace?: string; name: string; uid?: string; resourceVersion?: string; fieldPath?: string }
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** `source.component` of the event; the legacy recorder. */
  component: string
  /** `source.host` */
  host?: string
  /** Set for recorders of events.k8s.io (the scheduler): the action. */
  action?: string
}

export interface Plan {
  writes: PlannedWrite[]
  /** Come back to this key after so long, whatever happens. */
  requeueAfterMillis?: number
  /** Who writes, when it is not the controller's own user: the kubelet of a node. */
  username?: string
  /** Field manager of these writes, when it is not the controller's own. */
  fieldManager?: string
}

export const nothing: Plan = { writes: [] }

/** One change as a trigger sees it. The Snapshot beside it may already be further on. */
export interface Change<T extends KubeObject = KubeObject> {
  /** The kind, for triggers that watch every kind. */
  definition: ResourceDefinition<T>
  object: T
  /** The state before; absent when the object is new. */
  old?: T
  deleted: boolean
}

export interface Watch {
  /** Absent: objects of every kind, as they are stored. */
  definition?: ResourceDefinition
  /** Keys to reconcile because of this change. */
  // biome-ignore lint/suspicious/noExplicitAny: the list of watches is of many kinds
  keys(change: Change<any>, snapshot: Snapshot): readonly WorkKey[]
}

// biome-ignore lint/suspicious/noExplicitAny: the list of controllers has no common observed type
export interface Controller<Observed = any> {
  /** Upstream's name, by which `--controllers` knows it: `endpointslice-controller`. */
  readonly name: string
  /** Field manager of its writes. */
  readonly fieldManager: string
  /** Who writes; absent: the service account in kube-system that bears the controller's name. */
  readonly username?: string
  readonly watches: readonly Watch[]
  /** Leads objects through their lives. Others, who look at many at once, gather meanwhile what there is to see. */
  readonly leads?: boolean
  /** What this key needs to know, or nothing when there is nothing to do. */
  observe(key: WorkKey, snapshot: Snapshot): Observed | undefined
  reconcile(observed: Observed): Plan
}

/** Who writes for a controller that names nobody. */
export function defaultUsername(name: string): string {
  return `system:serviceaccount:kube-system:${name}`
}

export function defineController<Observed>(controller: Controller<Observed>): Controller<Observed> {
  return controller
}

/** Watches a kind; changed objects map to the keys returned. */
export function on<T extends KubeObject>(definition: ResourceDefinition<T>, keys: (change: Change<T>, snapshot: Snapshot) => readonly WorkKey[]): Watch {
  return { definition, keys }
}

/** Watches a kind whose objects are themselves the keys. */
export function onSelf<T extends KubeObject>(definition: ResourceDefinition<T>): Watch {
  return { definition, keys: ({ object }) => [{ namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }] }
}

/** Watches objects of every kind. */
export function onEvery(keys: (change: Change, snapshot: Snapshot) => readonly WorkKey[]): Watch {
  return { keys }
}
