// Who controls what, and how a controller comes by it: what it controls and no longer selects it lets go of, what it selects and
// nobody controls it takes on.
// Upstream: pkg/controller/controller_ref_manager.go
import {
  type Change,
  deepEqual,
  defineIndex,
  type Index,
  type KubeObject,
  keyOf,
  type Labels,
  type OwnerReference,
  type PlannedWrite,
  type ResourceDefinition,
  type Snapshot,
  type WorkKey,
} from '../../machinery/index.js'
import { pod } from '../../resources/index.js'

export function controllerOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller)
}

export function controllerReference({ apiVersion, kind, metadata: { name = '', uid = '' } }: KubeObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** Where the dependents of one kind are found. */
export interface Dependents<T extends KubeObject> {
  definition: ResourceDefinition<T>
  /** By the uid of their controller. */
  controlled: Index<T>
  /** Those without a controller, by namespace. */
  strays: Index<T>
}

/** A constant for each kind: its indexes live as long as the store. */
export function defineDependents<T extends KubeObject>(definition: ResourceDefinition<T>): Dependents<T> {
  return {
    definition,
    controlled: defineIndex<T>({
      definition,
      values(object) {
        const controller = controllerOf(object)
        return controller ? [controller.uid] : []
      },
    }),
    strays: defineIndex<T>({ definition, values: (object) => (controllerOf(object) ? [] : [object.metadata.namespace ?? '']) }),
  }
}

export const dependentPods = defineDependents(pod)

export interface Claims<T> {
  /** What the owner controls from now on. */
  members: readonly T[]
  writes: readonly PlannedWrite[]
}

export interface Claim<T extends KubeObject> {
  owner: KubeObject
  dependents: Dependents<T>
  matches(object: T): boolean
  /** Whether it is too late for it to change hands. */
  isOver?(object: T): boolean
  /** A finalizer that goes with the owner's interest. */
  finalizer?: string
}

/** The dependents of an owner as they are after the writes. */
export function claim<T extends KubeObject>({ owner, dependents, matches, isOver = () => false, finalizer }: Claim<T>, snapshot: Snapshot): Claims<T> {
  const { uid = '', namespace = '', deletionTimestamp } = owner.metadata
  const { definition } = dependents
  const controlled = snapshot.find(dependents.controlled, uid).filter((object) => object.metadata.namespace === namespace)
  const members = controlled.filter(matches)
  // One that goes leaves the rest to the garbage collector.
  if (deletionTimestamp !== undefined) return { members, writes: [] }
  const released = controlled.filter((object) => !matches(object) && !isOver(object)).map((object) => release(definition, object, owner, finalizer))
  const isAdoptable = (object: T) => object.metadata.deletionTimestamp === undefined && !isOver(object) && matches(object)
  const adoptable = snapshot.find(dependents.strays, namespace).filter(isAdoptable)
  const adopted = adoptable.map((object) => adopt(definition, object, owner))
  return { members: [...members, ...adoptable], writes: [...released, ...adopted] }
}

function adopt(definition: ResourceDefinition, object: KubeObject, owner: KubeObject): PlannedWrite {
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences: [controllerReference(owner)] } }
  return { verb: 'patch', definition, key: keyOf(object), type: 'strategic', patch }
}

function release(definition: ResourceDefinition, object: KubeObject, owner: KubeObject, finalizer: string | undefined): PlannedWrite {
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }]
  const finalizers = finalizer ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {}
  const patch = { metadata: { uid: object.metadata.uid, ownerReferences, ...finalizers } }
  return { verb: 'patch', definition, key: keyOf(object), type: 'strategic', patch }
}

type DependentChange = Pick<Change, 'object' | 'old' | 'deleted'>

/** Whether a stray has become interesting to those who look for labels. */
function isNewStray({ object, old, deleted }: DependentChange): boolean {
  if (deleted || controllerOf(object)) return false
  return !old || controllerOf(old) !== undefined || !deepEqual(object.metadata.labels, old.metadata.labels)
}

/**
 * The owners that a change of a dependent concerns: who controls it, who did, and who may want it.
 * @param kind of the owners
 * @param selects whether an owner of that kind looks for such labels; it is asked about strays only
 */
export function ownersOf<T extends KubeObject>(
  change: DependentChange,
  snapshot: Snapshot,
  { definition, selects }: { definition: ResourceDefinition<T>; selects(owner: T, labels: Labels | undefined): boolean },
): WorkKey[] {
  const { object, old } = change
  const namespace = object.metadata.namespace ?? ''
  const names = [object, old].flatMap((each) => {
    const controller = each && controllerOf(each)
    return controller?.kind === definition.kind && controller.apiVersion === definition.apiVersion ? [controller.name] : []
  })
  const keys: WorkKey[] = [...new Set(names)].map((name) => ({ namespace, name }))
  if (isNewStray(change)) {
    const { labels } = object.metadata
    for (const owner of snapshot.list(definition, { namespace })) if (selects(owner, labels)) keys.push(keyOf(owner))
  }
  return keys
}
