// Metadata that only the server may set: what a create starts with, what an update keeps, when a generation counts.
// Upstream: apiserver/pkg/registry/rest/{create,update,meta}.go
import {
  deepEqual,
  formatTime,
  isJSONLongerThan,
  type KubeObject,
  type ObjectMeta,
  type Plain,
  type Random,
  type ResourceDefinition,
  randomSuffix,
  status,
} from '../machinery/index.js'
import { type Call, refuse } from './realm.js'

// Long generated names are cut so that name and suffix fit a DNS label.
const generateNameMax = 58

/** Stands for the resourceVersion until the write is committed, so that the field has its place. */
export const pendingResourceVersion = '0'

export function settleNamespace(definition: ResourceDefinition, meta: ObjectMeta, namespace: string): void {
  if (!definition.namespaced) {
    delete meta.namespace
    return
  }
  if (meta.namespace && meta.namespace !== namespace) {
    refuse(status.badRequest('the namespace of the provided object does not match the namespace sent on the request'))
  }
  meta.namespace = namespace
}

/** Namespace and name of an object must be those of the URL. Upstream: apiserver/pkg/endpoints/handlers/rest.go checkName */
export function settleIdentity({ definition, namespace, name }: Call, meta: ObjectMeta): void {
  settleNamespace(definition, meta, namespace)
  if (!meta.name) refuse(status.badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`))
  if (meta.name !== name) refuse(status.badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${name})`))
}

// No body is longer than 3 MiB: what is longer has grown from nearly nothing, and no log takes half of it.
const draftCharactersMax = 3.5 * 1024 * 1024

/** Keeps drafts that can never be stored from being judged value by value. Members that a draft shares with its stored state count for nothing. */
export function requireStorable(draft: KubeObject, before?: KubeObject): void {
  const judged = before ? Object.entries(draft).filter(([name, value]) => value !== (before as Plain)[name]) : draft
  if (isJSONLongerThan(judged, draftCharactersMax)) refuse(status.untyped('etcdserver: request is too large'))
}

/** Wipes what a client may not choose. */
export function resetForCreate(meta: ObjectMeta): void {
  if (meta.resourceVersion) refuse(status.untyped('resourceVersion should not be set on objects to be created'))
  delete meta.deletionTimestamp
  delete meta.deletionGracePeriodSeconds
  delete (meta as Plain).selfLink
}

/** Takes away owner references that say the same again. Upstream: apiserver/pkg/endpoints/handlers/rest.go dedupOwnerReferences */
export function dropRepeatedOwners(meta: ObjectMeta, warn: (text: string) => void, when: '' | ' after mutating admission happens' = ''): void {
  const references = meta.ownerReferences
  if (!references || references.length < 2) return
  const seen = new Set<string>()
  const repeated: string[] = []
  meta.ownerReferences = references.filter((reference) => {
    const text = JSON.stringify(reference)
    if (seen.has(text)) repeated.push(reference.uid)
    return !seen.has(text) && seen.add(text)
  })
  if (!repeated.length) return
  const rule = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'
  warn(`.metadata.ownerReferences contains duplicate entries${when}; ${rule}; duplicate UID(s) observed: ${repeated.join(', ')}`)
}

/** uid, creation time, generated name and first generation. */
export function fillForCreate(definition: ResourceDefinition, meta: ObjectMeta, birth: { random: Random; now: number; isTaken(name: string): boolean }): void {
  meta.uid = birth.random.uuid()
  meta.creationTimestamp = formatTime(birth.now)
  meta.resourceVersion = pendingResourceVersion
  if (!meta.name && meta.generateName) meta.name = generateName(meta.generateName, birth)
  if (definition.generation === 'spec from the first change') delete meta.generation
  else if (definition.generation && definition.generation !== 'none') meta.generation = 1
}

// Upstream: apiserver/pkg/registry/generic/registry/store.go, maxNameGenerationCreateAttempts
const nameAttemptsMax = 8

function generateName(base: string, { random, isTaken }: { random: Random; isTaken(name: string): boolean }): string {
  const prefix = base.slice(0, generateNameMax)
  let name = prefix + randomSuffix(random)
  for (let attempt = 1; attempt < nameAttemptsMax && isTaken(name); attempt++) name = prefix + randomSuffix(random)
  return name
}

/** Gives an update the identity and the server-owned metadata of the stored object. */
export function restoreForUpdate(meta: ObjectMeta, old: ObjectMeta): void {
  // Another one is refused: by PUT as a precondition, by patches as a change.
  if (!meta.uid) keep(meta, old, 'uid')
  keep(meta, old, 'creationTimestamp')
  keep(meta, old, 'deletionTimestamp')
  keep(meta, old, 'deletionGracePeriodSeconds')
  keep(meta, old, 'generation')
  delete (meta as Plain).selfLink
  meta.resourceVersion = pendingResourceVersion
}

function keep<Key extends keyof ObjectMeta>(meta: ObjectMeta, old: ObjectMeta, key: Key): void {
  if (old[key] === undefined) delete meta[key]
  else meta[key] = old[key]
}

/** Counts a change of what the kind's generation stands for. */
export function bumpGeneration(definition: ResourceDefinition, draft: KubeObject, old: KubeObject): void {
  const rule = definition.generation ?? 'none'
  if (rule === 'none' || rule === 'always 1' || !isNewGeneration(definition, draft, old)) return
  draft.metadata.generation = (old.metadata.generation ?? 0) + 1
}

function isNewGeneration(definition: ResourceDefinition, draft: Plain, old: Plain): boolean {
  if (definition.generation === 'spec+labels' && !deepEqual(draft.metadata.labels, old.metadata.labels)) return true
  if (definition.generation === 'spec+annotations' && !deepEqual(draft.metadata.annotations, old.metadata.annotations)) return true
  if (definition.shape.field.has('spec')) return !deepEqual(draft.spec, old.spec)
  // Kinds without a spec count their whole content.
  return definition.shape.fields.some(({ name }) => name !== 'metadata' && name !== 'status' && !deepEqual(draft[name], old[name]))
}
