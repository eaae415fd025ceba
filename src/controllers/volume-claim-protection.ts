// A claim that is deleted stays as long as a pod uses it.
// Upstream: pkg/controller/volume/pvcprotection/pvc_protection_controller.go
import { type Controller, defineController, defineIndex, keyOf, on, type Plan, type WorkKey } from '../machinery/index.js'
import { type PersistentVolumeClaim, type Pod, persistentVolumeClaim, pod } from '../resources/index.js'
import { isTerminal } from './pod-indexes.js'

const finalizer = 'kubernetes.io/pvc-protection'

/** The claims of a pod; a generic ephemeral volume has one that is named for both. */
function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim: source, ephemeral }) =>
    source ? [source.claimName] : ephemeral ? [`${metadata.name}-${name}`] : [],
  )
}

const podsByClaim = defineIndex<Pod>({ definition: pod, values: (object) => claimsOf(object).map((name) => `${object.metadata.namespace}/${name}`) })

export const volumeClaimProtectionController: Controller<PersistentVolumeClaim> = defineController<PersistentVolumeClaim>({
  name: 'persistentvolumeclaim-protection-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:pvc-protection-controller',
  watches: [
    on(persistentVolumeClaim, ({ object, deleted }) => (deleted || object.metadata.deletionTimestamp === undefined ? [] : [keyOf(object)])),
    on(pod, ({ object, deleted }): WorkKey[] => {
      if (!deleted && !isTerminal(object)) return []
      const { namespace = '' } = object.metadata
      return claimsOf(object).map((name) => ({ namespace, name }))
    }),
  ],
  observe(key, snapshot) {
    const claim = snapshot.get(persistentVolumeClaim, key)
    if (claim?.metadata.deletionTimestamp === undefined || !claim.metadata.finalizers?.includes(finalizer)) return undefined
    const isUsed = snapshot
      .find(podsByClaim, `${key.namespace}/${key.name}`)
      .some(({ status, spec }) => spec.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
    return isUsed ? undefined : claim
  },
  reconcile(claim): Plan {
    const { uid, resourceVersion, finalizers } = claim.metadata
    const left = finalizers?.filter((each) => each !== finalizer) ?? []
    const patch = { metadata: { uid, resourceVersion, finalizers: left.length ? left : null } }
    return { writes: [{ verb: 'patch', definition: persistentVolumeClaim, key: keyOf(claim), type: 'merge', patch }] }
  },
})
