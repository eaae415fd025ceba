// The kinds that stand for all others before the model, and how an object of theirs is told to it.
import type { KubeObject, ManagedFieldsEntry, Plain } from '../../src/machinery/index.js'
import type { Content, KindRules, State } from './model.js'

export interface ModelKind extends KindRules {
  /** Where the value stands. */
  readonly place: readonly [string, string]
  readonly isNumber: boolean
}

/** One that is plain, one whose PUT creates and must name a version, one that counts its generation. */
export const modelKinds: readonly ModelKind[] = [
  { kind: 'v1/configmaps', place: ['data', 'value'], isNumber: false, countsGeneration: false, requiresVersion: false, createsOnUpdate: false },
  {
    kind: 'coordination.k8s.io/v1/leases',
    place: ['spec', 'holderIdentity'],
    isNumber: false,
    countsGeneration: false,
    requiresVersion: true,
    createsOnUpdate: true,
  },
  {
    kind: 'policy/v1/poddisruptionbudgets',
    place: ['spec', 'maxUnavailable'],
    isNumber: true,
    countsGeneration: true,
    requiresVersion: true,
    createsOnUpdate: false,
  },
]

export function valueIn({ place: [outer, inner], isNumber }: ModelKind, value: string): Plain {
  return { [outer]: { [inner]: isNumber ? Number(value) : value } }
}

/** The object as a client sends it. */
export function bodyOf(kind: ModelKind, name: string, { value, color, finalizers }: Content, metadata: Plain = {}): Plain {
  const labels = color === undefined ? {} : { labels: { color } }
  return { metadata: { name, ...labels, ...(finalizers.length ? { finalizers: [...finalizers] } : {}), ...metadata }, ...valueIn(kind, value) }
}

/** The change as a patch of one of the forms says it. */
export function patchOf(kind: ModelKind, form: 'merge' | 'strategic' | 'json', content: Partial<Content>, old: State | undefined, version: string | undefined) {
  return form === 'json' ? operationsOf(kind, content, old, version) : mergeOf(kind, content, version)
}

function mergeOf(kind: ModelKind, content: Partial<Content>, resourceVersion: string | undefined): Plain {
  const metadata: Plain = resourceVersion === undefined ? {} : { resourceVersion }
  if ('color' in content) metadata.labels = { color: content.color ?? null }
  if (content.finalizers) metadata.finalizers = [...content.finalizers]
  return { metadata, ...(content.value === undefined ? {} : valueIn(kind, content.value)) }
}

function operationsOf(kind: ModelKind, content: Partial<Content>, old: State | undefined, version: string | undefined): Plain[] {
  const [outer, inner] = kind.place
  const operations: Plain[] = version === undefined ? [] : [{ op: 'replace', path: '/metadata/resourceVersion', value: version }]
  if (content.value !== undefined) operations.push({ op: 'replace', path: `/${outer}/${inner}`, value: kind.isNumber ? Number(content.value) : content.value })
  if (content.finalizers) operations.push({ op: 'add', path: '/metadata/finalizers', value: [...content.finalizers] })
  if (!('color' in content)) return operations
  if (content.color !== undefined) operations.push({ op: 'add', path: '/metadata/labels', value: { color: content.color } })
  else if (old?.color !== undefined) operations.push({ op: 'remove', path: '/metadata/labels' })
  return operations
}

/** What the model knows of an object, in one line that differs when anything does. */
export function shownObject(kind: ModelKind, object: KubeObject): string {
  const { metadata } = object
  const { namespace, name, uid = '', resourceVersion, labels, finalizers = [], deletionTimestamp, generation, managedFields = [] } = metadata
  const [outer, inner] = kind.place
  return shownState({
    path: `${namespace}/${name}`,
    uid,
    version: Number(resourceVersion),
    value: String((object as Plain)[outer]?.[inner]),
    color: labels?.color,
    finalizers,
    isDeleting: deletionTimestamp !== undefined,
    generation,
    owners: managedFields.filter((entry) => owns(entry, kind)).map(({ operation, manager }) => `${operation}:${manager}`),
  })
}

function owns({ fieldsV1 }: ManagedFieldsEntry, { place: [outer, inner] }: ModelKind): boolean {
  return fieldsV1?.[`f:${outer}`]?.[`f:${inner}`] !== undefined
}

export function shownState({ path, uid, version, value, color, finalizers, isDeleting, generation, owners }: State): string {
  const parts = [value, color ?? '-', finalizers.join('+'), isDeleting ? 'deleting' : '', generation ?? '', [...owners].sort().join('+'), uid]
  return `${path}@${version} ${parts.join(' ')}`
}
