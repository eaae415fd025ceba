// A namespace that is deleted takes everything in it along: pods first, then the rest, and last the finalizer that kept it.
// Upstream: pkg/controller/namespace/deletion/namespaced_resources_deleter.go
// Differs: it looks again whenever something in the namespace changes, where upstream polls every few seconds.
import {
  type Controller,
  deepEqual,
  defineController,
  type KubeObject,
  keyOf,
  onEvery,
  onSelf,
  type PlannedWrite,
  type ResourceDefinition,
} from '../../machinery/index.js'
import { type Namespace, namespace, pod } from '../../resources/index.js'
import { namespaceConditions, type Remains } from './namespace-conditions.js'

const finalizer = 'kubernetes'

interface Content {
  definition: ResourceDefinition
  objects: readonly KubeObject[]
}

interface Observed {
  namespace: Namespace
  /** What is there of each kind that is not empty: pods alone as long as there are any. */
  contents: readonly Content[]
  /** Milliseconds since the epoch. */
  now: number
}

export const namespaceController: Controller<Observed> = defineController<Observed>({
  name: 'namespace-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    onSelf(namespace),
    onEvery(({ object: { metadata } }, snapshot) => {
      const name = metadata.namespace
      return name && snapshot.get(namespace, { name })?.metadata.deletionTimestamp ? [{ namespace: '', name }] : []
    }),
  ],
  observe({ name }, snapshot) {
    const object = snapshot.get(namespace, { name })
    if (!object?.metadata.deletionTimestamp || !object.spec.finalizers?.includes(finalizer)) return undefined
    const contentOf = (definition: ResourceDefinition): Content => ({ definition, objects: snapshot.list(definition, { namespace: name }) })
    const isFilled = ({ objects }: Content) => objects.length > 0
    const pods = contentOf(pod)
    const contents = isFilled(pods) ? [pods] : snapshot.definitions.filter(isStoredInNamespaces).map(contentOf).filter(isFilled)
    return { namespace: object, contents, now: snapshot.now }
  },
  reconcile({ namespace: object, contents, now }) {
    const deletions = contents.flatMap(deletionsOf)
    // What is left after these shows when they are done: each of them brings this key back.
    if (deletions.length) return { writes: deletions }
    // Upstream stops at the pods and reports on nothing else while there are any.
    const remains = contents.some(({ definition }) => definition === pod) ? nothingRemains : remainsOf(contents)
    const conditions = namespaceConditions(object.status.conditions ?? [], remains, now)
    const writes: PlannedWrite[] = []
    if (!deepEqual(conditions, object.status.conditions)) writes.push(statusWrite(object, conditions))
    if (!contents.length) writes.push(finalizeWrite(object))
    return { writes }
  },
})

function isStoredInNamespaces(definition: ResourceDefinition): boolean {
  return definition.namespaced && definition.storedAs === definition && definition.verbs.includes('delete')
}

function deletionsOf({ definition, objects }: Content): PlannedWrite[] {
  return objects
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((object) => ({ verb: 'delete', definition, key: keyOf(object), options: { propagationPolicy: 'Background' } }))
}

const nothingRemains: Remains = { resources: new Map(), finalizers: new Map() }

function remainsOf(contents: readonly Content[]): Remains {
  const resources = new Map<string, number>()
  const finalizers = new Map<string, number>()
  for (const { definition, objects } of contents) {
    resources.set(`${definition.plural}.${definition.group}`, objects.length)
    for (const { metadata } of objects) for (const name of metadata.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1)
  }
  return { resources, finalizers }
}

function statusWrite(object: Namespace, conditions: Namespace['status']['conditions']): PlannedWrite {
  return { verb: 'update', definition: namespace, subresource: 'status', object: { ...object, status: { ...object.status, conditions } } }
}

function finalizeWrite(object: Namespace): PlannedWrite {
  // The status write before has moved the version on.
  const { resourceVersion: _resourceVersion, ...metadata } = object.metadata
  const finalizers = object.spec.finalizers?.filter((each) => each !== finalizer)
  return { verb: 'update', definition: namespace, subresource: 'finalize', object: { ...object, metadata, spec: { ...object.spec, finalizers } } }
}
