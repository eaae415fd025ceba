// ControllerRevisions: the templates that a workload had, to tell its pods apart and to roll back to.
// Upstream: pkg/controller/history/controller_history.go, pkg/controller/daemon/update.go constructHistory
import { deepEqual, type KubeObject, keyOf, type Plain, type PlannedWrite, type Snapshot } from '../../machinery/index.js'
import { type ControllerRevision, controllerRevision, type PodTemplateSpec } from '../../resources/index.js'
import { controllerReference, defineDependents } from './ownership.js'
import { templateHash } from './template-hash.js'

export const dependentRevisions = defineDependents(controllerRevision)

interface Owner extends KubeObject {
  spec: { template: PodTemplateSpec }
  status: { collisionCount?: number }
}

export interface History {
  owner: Owner
  /** The oldest first. */
  revisions: readonly ControllerRevision[]
  /** The label that carries the hash. */
  hashLabel: string
  /** An object of the name that a new revision would get. */
  rival?: ControllerRevision
}

export function readHistory(owner: Owner, members: readonly ControllerRevision[], hashLabel: string, snapshot: Snapshot): History {
  const revisions = [...members].sort(byRevision)
  const rival = snapshot.get(controllerRevision, { namespace: owner.metadata.namespace, name: `${owner.metadata.name}-${hashOf(owner)}` })
  return { owner, revisions, hashLabel, ...(rival ? { rival } : {}) }
}

function byRevision(one: ControllerRevision, other: ControllerRevision): number {
  const birth = ({ metadata }: ControllerRevision) => Date.parse(metadata.creationTimestamp ?? '')
  return one.revision - other.revision || birth(one) - birth(other) || ((one.metadata.name ?? '') < (other.metadata.name ?? '') ? -1 : 1)
}

export interface Updated {
  /** The revision of the present template. */
  revision: ControllerRevision
  writes: PlannedWrite[]
}

/** Makes the revision of the present template the newest. @returns nothing when its name is taken: a new hash is due */
export function updateRevision({ owner, revisions, hashLabel, rival }: History): Updated | undefined {
  const data = dataOf(owner)
  const newest = revisions[revisions.length - 1]
  const found = revisions.findLast((each) => deepEqual(each.data, data))
  if (found && found.revision === newest.revision) return { revision: found, writes: [] }
  const next = (newest?.revision ?? 0) + 1
  if (found) {
    const revision = { ...found, revision: next }
    return { revision, writes: [{ verb: 'update', definition: controllerRevision, object: revision }] }
  }
  if (rival) return undefined
  const revision = newRevision(owner, { data, revision: next, hashLabel })
  return { revision, writes: [{ verb: 'create', definition: controllerRevision, object: revision as unknown as Plain }] }
}

const hashOf = (owner: Owner) => templateHash(dataOf(owner), owner.status.collisionCount || undefined)

function newRevision(owner: Owner, { data, revision, hashLabel }: { data: Plain; revision: number; hashLabel: string }): ControllerRevision {
  const { name, namespace, annotations } = owner.metadata
  const hash = hashOf(owner)
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
      ...(annotations ? { annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision,
  }
}

/** A strategic merge patch that brings the template back; clients that roll back send it. */
function dataOf({ spec: { template } }: Owner): Plain {
  return { spec: { template: { ...template, $patch: 'replace' } } }
}

export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = (data as Plain).spec.template
  return template as PodTemplateSpec
}

/** The oldest beyond the number that is kept, without those in use. */
export function surplusRevisions(
  revisions: readonly ControllerRevision[],
  { limit, isInUse }: { limit: number; isInUse(revision: ControllerRevision): boolean },
): PlannedWrite[] {
  const historic = revisions.filter((each) => !isInUse(each))
  const surplus = historic.slice(0, Math.max(0, historic.length - limit))
  return surplus.map((each) => ({ verb: 'delete', definition: controllerRevision, key: keyOf(each), options: { preconditions: { uid: each.metadata.uid } } }))
}
