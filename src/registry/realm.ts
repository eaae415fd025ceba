// What every verb stands on: one cluster's store, catalogue, clock, randomness and admission, handed in and never global.
import type {
  AdmissionStep,
  Index,
  KubeObject,
  ObjectMeta,
  Random,
  ResourceDefinition,
  ReviewContext,
  Snapshot,
  Status,
  UserInfo,
  WriteContext,
} from '../machinery/index.js'
import { StatusError } from '../machinery/index.js'
import type { Store, Stored, WatchHub } from '../storage/index.js'
import type { Catalogue } from './catalogue.js'
import { findIndexed } from './indexes.js'

export interface Realm {
  readonly store: Store
  readonly hub: WatchHub
  readonly catalogue: Catalogue
  /** Randomness of one write. With a seed it depends on what is written and how often, not on what else happens at the same time. */
  randomFor(subject: string): Random
  /** Milliseconds since the epoch. */
  now(): number
  readonly admission: readonly AdmissionStep[]
  /** Fills defaults into a draft. Members that it shares with `before`, its stored state, have them. */
  fillDefaults(definition: ResourceDefinition, draft: KubeObject, context: WriteContext, before?: KubeObject): void
  /** Signs claims as a service account token. */
  issueToken(claims: Record<string, unknown>): string
  readonly issuer: string
  readonly authenticate: ReviewContext['authenticate']
  readonly authorize: ReviewContext['authorize']
}

export interface WriteOptions {
  dryRun?: boolean
  /** Empty or absent: taken from the user agent by the wire. */
  fieldManager: string
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** Server-side apply only. */
  force?: boolean
}

/** What every verb is told; the wires make it. */
export interface Call {
  readonly definition: ResourceDefinition
  /** Empty for cluster-scoped resources and for all namespaces. */
  readonly namespace: string
  /** Empty for collections. */
  readonly name: string
  readonly subresource: string
  readonly user: UserInfo
  /** Adds a Warning header. */
  warn(text: string): void
}

export interface WriteCall extends Call {
  readonly options: WriteOptions
}

/** Member by member: V8 gives each object that is spread and then gets more a hidden class of its own, and this one is read everywhere. */
export function writeCall({ definition, namespace, name, subresource, user, warn }: Call, options: WriteOptions): WriteCall {
  return { definition, namespace, name, subresource, user, warn, options }
}

/** Decoded JSON, with what a strict reader objects to beyond unknown fields: `duplicate field "data.a"`. */
export interface Body {
  value: unknown
  /** Nobody else holds any part of the value: the object may be made of it. */
  isOwn?: boolean
  /** It cannot become what no log takes, whatever is filled in: it came in few bytes, or a controller made it. */
  isSmall?: boolean
  problems?: readonly string[]
}

/** An object on its way to a client. `stored` is there when its bytes are the answer. */
export interface Answer {
  code: number
  object: KubeObject | Status
  stored?: Stored
}

/** Randomness for what is done to one object, named or about to be. */
export function randomOf(realm: Realm, definition: ResourceDefinition, { namespace = '', name, generateName = '' }: ObjectMeta): Random {
  return realm.randomFor(`${definition.storedAs.key}/${namespace}/${name || generateName}`)
}

export function refuse(status: Status): never {
  throw new StatusError(status)
}

/** `{ group, resource: plural }` for messages. */
export function qualifiedResource(definition: ResourceDefinition): { group: string; resource: string } {
  return { group: definition.group, resource: definition.plural }
}

export function qualifiedKind(definition: ResourceDefinition): { group: string; resource: string } {
  return { group: definition.group, resource: definition.kind }
}

/** The Snapshot of this turn. It must not be kept across turns of the event loop. */
export function snapshotOf(realm: Realm): Snapshot {
  return new RealmSnapshot(realm)
}

/** Made for every look of a controller, so it holds next to nothing. */
class RealmSnapshot implements Snapshot {
  readonly revision: number
  readonly now: number
  readonly #realm: Realm

  constructor(realm: Realm) {
    this.#realm = realm
    this.revision = realm.store.revision
    this.now = realm.now()
  }

  get definitions(): readonly ResourceDefinition[] {
    return this.#realm.catalogue.definitions()
  }

  get<T extends KubeObject>(definition: ResourceDefinition<T>, { namespace = '', name }: { namespace?: string; name: string }): T | undefined {
    const stored = this.#realm.store.get(definition.storedAs.key, { namespace, name })
    return stored && (objectOf(definition, stored) as T)
  }

  list<T extends KubeObject>(definition: ResourceDefinition<T>, filter: { namespace?: string; labels?: Readonly<Record<string, string>> } = {}): T[] {
    const objects: T[] = []
    const labels = filter.labels && Object.entries(filter.labels)
    for (const stored of this.#realm.store.list(definition.storedAs.key, filter.namespace)) {
      if (!labels || hasLabels(stored.object, labels)) objects.push(objectOf(definition, stored) as T)
    }
    return objects
  }

  find<T extends KubeObject>(index: Index<T>, value: string): readonly T[] {
    const everyResource = () => this.definitions.map(({ storedAs }) => storedAs.key)
    return findIndexed(this.#realm.store, index, value, everyResource) as readonly T[]
  }

  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.#realm.catalogue.findKind(apiVersion, kind)
  }
}

function hasLabels(object: KubeObject, labels: [string, string][]): boolean {
  const own = object.metadata.labels
  return own !== undefined && labels.every(([key, value]) => own[key] === value)
}

/** A stored object as a definition shows it: itself, or converted to the definition's version. */
export function objectOf(definition: ResourceDefinition, stored: Stored): KubeObject {
  if (definition.storedAs === definition || !definition.convert) return stored.object
  let views = converted.get(stored)
  if (!views) {
    views = new Map()
    converted.set(stored, views)
  }
  let object = views.get(definition.key)
  if (!object) {
    object = definition.convert.fromStored(stored.object) as KubeObject
    views.set(definition.key, object)
  }
  return object
}

const converted = new WeakMap<Stored, Map<string, KubeObject>>()

/** The same, with what is stored when its bytes are those of the object. */
export function viewOf(definition: ResourceDefinition, stored: Stored): { object: KubeObject; stored?: Stored } {
  const object = objectOf(definition, stored)
  return object === stored.object ? { object, stored } : { object }
}
