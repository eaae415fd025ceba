// The replica set of the present template: found among those there are, or made; and the revision it gets.
// Upstream: pkg/controller/deployment/sync.go getNewReplicaSet, util/deployment_util.go SetNewReplicaSetAnnotations
import { deepCopy, deepEqual, type Plain, type PlannedWrite } from '../../machinery/index.js'
import { type Deployment, type PodTemplateSpec, type ReplicaSet, replicaSet } from '../../resources/index.js'
import { controllerReference } from '../workloads/ownership.js'
import { workloadEvent } from '../workloads/pod-control.js'
import { templateHash } from '../workloads/template-hash.js'
import {
  annotations,
  component,
  conditionOf,
  hasDeadline,
  limitsOf,
  noteSizes,
  type Rollout,
  setCondition,
  statusWrite,
  tell,
  totalSize,
  wantedSize,
} from './rollout.js'

const hashLabel = 'pod-template-hash'
const revisionHistoryLengthMax = 2000

export function newReplicaSetName({ metadata, spec, status }: Deployment): string {
  return `${metadata.name}-${templateHash(spec.template, status.collisionCount)}`
}

/** The oldest of the present template, as upstream finds it. */
export function findNewReplicaSet({ deployment, replicaSets }: Rollout): ReplicaSet | undefined {
  return replicaSets.find(({ spec }) => deepEqual(withoutHash(spec.template), withoutHash(deployment.spec.template)))
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { labels, ...metadata } = template.metadata ?? {}
  const { [hashLabel]: _hash, ...others } = labels ?? {}
  return { ...template, metadata: { ...metadata, ...(Object.keys(others).length ? { labels: others } : {}) } }
}

/** Brings the revision of the new replica set and of the Deployment up to date. @returns the new replica set, if there is one */
export function syncRevision(rollout: Rollout): ReplicaSet | undefined {
  const { deployment, now } = rollout
  const found = findNewReplicaSet(rollout)
  if (!found) return undefined
  noteRevision(rollout, found)
  if (deployment.spec.minReadySeconds === undefined) delete found.spec.minReadySeconds
  else found.spec.minReadySeconds = deployment.spec.minReadySeconds
  setRevision(deployment, found.metadata.annotations?.[annotations.revision])
  if (hasDeadline(deployment) && !conditionOf(deployment, 'Progressing')) {
    const message = `Found new replica set "${found.metadata.name}"`
    setCondition(deployment, { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message }, now)
  }
  return found
}

/** Makes the replica set of the present template. @returns nothing when its name is taken: it will get another */
export function makeNewReplicaSet(rollout: Rollout): ReplicaSet | undefined {
  const { deployment, replicaSets, writes, rival, stored, now } = rollout
  if (rival) {
    deployment.status.collisionCount = (deployment.status.collisionCount ?? 0) + 1
    return undefined
  }
  const { spec } = deployment
  const surplus = spec.strategy.type === 'RollingUpdate' ? wantedSize(rollout) + limitsOf(deployment).surge - totalSize(replicaSets) : wantedSize(rollout)
  const made = replicaSetOf(deployment, Math.max(0, Math.min(surplus, wantedSize(rollout))))
  noteRevision(rollout, made)
  noteSizes(deployment, made)
  const { name } = made.metadata
  writes.push({
    verb: 'create',
    definition: replicaSet,
    object: deepCopy(made) as unknown as Plain,
    whenRefused: (message) => refusal(stored, name, message, now),
  })
  if (made.spec.replicas) tell(rollout, 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${made.spec.replicas}`)
  setRevision(deployment, made.metadata.annotations?.[annotations.revision])
  if (hasDeadline(deployment)) {
    const message = `Created new replica set "${name}"`
    setCondition(deployment, { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message }, now)
  }
  replicaSets.push(made)
  return made
}

function replicaSetOf(deployment: Deployment, replicas: number): ReplicaSet {
  const { metadata, spec } = deployment
  const name = newReplicaSetName(deployment)
  const hash = { [hashLabel]: name.slice(name.lastIndexOf('-') + 1) }
  const { template, selector, minReadySeconds } = deepCopy(spec)
  const labels = { ...template.metadata?.labels, ...hash }
  template.metadata = { ...template.metadata, labels }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name, namespace: metadata.namespace, labels, ownerReferences: [controllerReference(deployment)] },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, ...hash } },
      template,
    },
    status: { replicas: 0 },
  }
}

function refusal(stored: Deployment, name: string | undefined, cause: string, now: number): PlannedWrite[] {
  const message = `Failed to create new replica set "${name}": ${cause}`
  const told = workloadEvent(stored, component, { type: 'Warning', reason: 'ReplicaSetCreateError', message })
  if (!hasDeadline(stored)) return [told]
  const draft = deepCopy(stored)
  setCondition(draft, { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message }, now)
  return deepEqual(draft, stored) ? [told] : [statusWrite(draft), told]
}

/** Annotations of the Deployment come along, all but these. */
const notCopied: readonly string[] = ['kubectl.kubernetes.io/last-applied-configuration', ...Object.values(annotations)]

/** The new replica set has the highest revision, whichever it had before. */
function noteRevision({ deployment, replicaSets }: Rollout, { metadata }: ReplicaSet): void {
  const others = replicaSets.filter((each) => each.metadata !== metadata)
  const revision = Math.max(0, ...others.map(revisionOf)) + 1
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !notCopied.includes(name))
  const next = { ...metadata.annotations, ...Object.fromEntries(copied) }
  const before = next[annotations.revision]
  if (Number(before ?? 0) < revision) {
    next[annotations.revision] = String(revision)
    if (before !== undefined) next[annotations.revisionHistory] = extended(next[annotations.revisionHistory], before)
  }
  metadata.annotations = next
}

/** The revisions it had, the oldest falling off when they become too many. */
function extended(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision]
  while (revisions.join(',').length > revisionHistoryLengthMax) revisions.shift()
  return revisions.join(',')
}

export function revisionOf({ metadata }: ReplicaSet): number {
  const revision = Number(metadata.annotations?.[annotations.revision] ?? 0)
  return Number.isSafeInteger(revision) ? revision : 0
}

function setRevision({ metadata }: Deployment, revision: string | undefined): void {
  if (revision !== undefined) metadata.annotations = { ...metadata.annotations, [annotations.revision]: revision }
}
