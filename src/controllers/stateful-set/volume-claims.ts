// The claims of a StatefulSet's pods: made before the pod, kept after it unless the set says otherwise.
// Upstream: pkg/controller/statefulset/stateful_set_utils.go updateClaimOwnerRefForSetAndPod, stateful_pod_control.go
import { deepEqual, type KubeObject, keyOf, type OwnerReference, type PlannedWrite } from '../../machinery/index.js'
import { type PersistentVolumeClaim, type Pod, persistentVolumeClaim, type StatefulSet } from '../../resources/index.js'
import { controllerReference } from '../workloads/ownership.js'
import { workloadEvent } from '../workloads/pod-control.js'

export const component = 'statefulset-controller'

export function claimName({ metadata }: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string {
  return `${template.metadata.name}-${metadata.name}-${ordinal}`
}

/** What is there under a name. */
export type FindClaim = (name: string) => PersistentVolumeClaim | undefined

/** Whether a claim still belongs to a pod of that ordinal that is gone, or is about to go itself. */
export function hasStaleClaim(set: StatefulSet, ordinal: number, find: FindClaim): boolean {
  const podName = `${set.metadata.name}-${ordinal}`
  return (set.spec.volumeClaimTemplates ?? []).some((template) => {
    const claim = find(claimName(set, template, ordinal))
    return (
      claim && (claim.metadata.deletionTimestamp !== undefined || claim.metadata.ownerReferences?.some(({ kind, name }) => kind === 'Pod' && name === podName))
    )
  })
}

/** The claims that a pod needs and that are not there. */
export function missingClaims(set: StatefulSet, ordinal: number, find: FindClaim): PlannedWrite[] {
  const templates = (set.spec.volumeClaimTemplates ?? []).filter((template) => !find(claimName(set, template, ordinal)))
  return templates.map((template) => {
    const name = claimName(set, template, ordinal)
    const pod = `${set.metadata.name}-${ordinal}`
    const { labels, annotations } = template.metadata
    const owners = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete' ? [controllerReference(set)] : []
    const metadata = {
      name,
      namespace: set.metadata.namespace,
      labels: { ...labels, ...set.spec.selector?.matchLabels },
      ...(annotations ? { annotations } : {}),
      ...(owners.length ? { ownerReferences: owners } : {}),
    }
    const made = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`
    const failed = (cause: string) => `create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${cause}`
    return {
      verb: 'create',
      definition: persistentVolumeClaim,
      object: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: template.spec },
      whenMade: () => [workloadEvent(set, component, { reason: 'SuccessfulCreate', message: made })],
      whenRefused: (cause) => [workloadEvent(set, component, { type: 'Warning', reason: 'FailedCreate', message: failed(cause) })],
    }
  })
}

/** Claims go with the set, with the pod that is scaled away, or with nobody. */
export function claimOwnerUpdates(
  set: StatefulSet,
  pod: Pod,
  { ordinal, isCondemned, find }: { ordinal: number; isCondemned: boolean; find: FindClaim },
): PlannedWrite[] {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  const goesWithPod = whenScaled === 'Delete' && isCondemned
  const goesWithSet = whenDeleted === 'Delete' && !goesWithPod
  return (set.spec.volumeClaimTemplates ?? []).flatMap((template) => {
    const claim = find(claimName(set, template, ordinal))
    if (!claim || claim.metadata.deletionTimestamp !== undefined) return []
    const before = claim.metadata.ownerReferences ?? []
    const withSet = withOwner(before, set, goesWithSet)
    const ownerReferences = withOwner(withSet, pod, goesWithPod)
    if (deepEqual(ownerReferences, before)) return []
    const { uid, resourceVersion } = claim.metadata
    const patch = { metadata: { uid, resourceVersion, ownerReferences: ownerReferences.length ? ownerReferences : null } }
    return [{ verb: 'patch', definition: persistentVolumeClaim, key: keyOf(claim), type: 'merge', patch }]
  })
}

function withOwner(references: readonly OwnerReference[], owner: KubeObject, isWanted: boolean): OwnerReference[] {
  const isOwner = ({ uid }: OwnerReference) => uid === owner.metadata.uid
  if (!isWanted) return references.filter((reference) => !isOwner(reference))
  return references.some(isOwner) ? [...references] : [...references, controllerReference(owner)]
}
