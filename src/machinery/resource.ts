// ResourceDefinition: everything true of one kind. The facts come from the table of resources (a custom resource brings
// its own), the behaviour from the kind's file: what it defaults, validates, prints and refuses.
import type { FieldError } from './field-error.js'
import type { MetadataCheck } from './metadata-validation.js'
import type { KubeObject, ObjectMeta, Plain } from './object.js'
import type { Random } from './random.js'
import type { Shape } from './shape/shape.js'
import type { Snapshot } from './snapshot.js'
import type { Status } from './status.js'
import type { UserInfo } from './user.js'

/** What discovery, tables and the registry know of a resource before its behaviour: see `schema/resources.json`. */
export interface ResourceFacts {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  listKind?: string
  namespaced: boolean
  shortNames?: string[]
  categories?: string[]
  verbs: string[]
  storageVersionHash?: string
  subresources?: SubresourceFacts[]
  /** Name, type, format, priority; priority 1 shows with `-o wide` only. */
  columns?: [name: string, type: string, format: string, priority: number][]
  /** Every field label a selector may name. */
  fieldSelectors?: string[]
  statusSubresource?: boolean
  /** Whether a write of /status takes labels and annotations with it. */
  statusWrites?: { labels: boolean; annotations: boolean }
  generation?: 'none' | 'spec' | 'spec+labels' | 'spec+annotations' | 'spec from the first change' | 'always 1'
  /** PUT of an absent name creates. */
  createOnUpdate?: boolean
  /** PUT without a resourceVersion is allowed. */
  unconditionalUpdate?: boolean
  /** What DELETE answers when the object is gone at once. */
  deleteReturns?: 'Status' | 'object'
  gracefulDelete?: boolean
  finalizersOnCreate?: string[]
  defaultPropagation?: 'Orphan'
  /** Warning header of every verb, and of DELETE. */
  warning?: string
  deleteWarning?: string
}

export interface SubresourceFacts {
  name: string
  group: string
  version: string
  kind: string
  verbs: string[]
  singular?: string
  /** Discovery prints group and version. */
  explicit?: boolean
  columns?: [name: string, type: string, format: string, priority: number][]
}

/** What a hook may know beyond the objects. */
export interface WriteContext {
  /** Milliseconds since the epoch. */
  now: number
  user: UserInfo
}

export type Cell = string | number | boolean | null

export interface CellContext {
  /** Milliseconds since the epoch; ages are counted from here. */
  now: number
}

/**
 * Hooks of a kind. A `draft` is a private copy in canonical form that the hook may change; everything else is frozen.
 * Canonical form is what the API prints: fields in order, nothing empty but what is printed empty.
 */
export interface ResourceBehaviour<T extends KubeObject = KubeObject> {
  /**
   * Fills what the tables of defaults cannot say. Runs on create, update and patch, before admission. Spec or status may be those of the
   * stored object, in which nothing is missing: only what is absent may be set.
   */
  defaults?(draft: T, context: WriteContext): void
  /** Runs after admission on create: wipes what a client may not set, computes what follows from the object alone. */
  prepareForCreate?(draft: T, context: WriteContext): void
  /** The same on update; status and metadata are already settled by the registry. */
  prepareForUpdate?(draft: T, old: T, context: WriteContext): void
  /** The status a client sends with a new object is kept (nodes, namespaces). */
  keepsStatusOnCreate?: boolean
  /** All that is wrong with a new object; metadata is checked by the registry, but for the name when `validateName` is given. */
  validate?(object: T, context: WriteContext): FieldError[]
  /** All that is wrong with a change through the main resource. Without it `validate` runs on updates too. */
  validateUpdate?(object: T, old: T, context: WriteContext): FieldError[]
  validateStatusUpdate?(object: T, old: T, context: WriteContext): FieldError[]
  /** What is wrong with a name, as texts; the default is the rule of RFC 1123 subdomains. `prefix` is set for generateName. */
  validateName?(name: string, prefix: boolean): string[]
  /** What a kind checks of changed metadata beside what is common to all, in order: `['change']` when absent. What is wrong is listed as often. */
  metadataChecks?: readonly MetadataCheck[]
  /** Finalizers need no domain. */
  takesAnyFinalizer?: boolean
  /** Texts for Warning headers. */
  warnings?(object: T, old: T | undefined): string[]
  /** Cells by column name. `Name` and `Age` are known. */
  cells?: Record<string, (object: T, context: CellContext) => Cell>
  rowConditions?(object: T): { type: string; status: string; reason?: string; message?: string }[]
  /** Values of field labels that are not simply paths. */
  selectableFields?: Record<string, (object: T) => string>
  /** Why a field label is refused, where the kind has a sentence of its own. */
  describeUnsupportedField?(label: string): string
  /** When the kind is stored as another version: both directions. The stored definition is `storedAs`. */
  convert?: { toStored(object: T): KubeObject; fromStored(stored: KubeObject): T }
  /** Graceful deletion: seconds of grace this object gets when asked for (`undefined`: nothing asked). */
  graceSeconds?(object: T, asked: number | undefined): number
  /** Why this object may not be deleted; asked before the preconditions are. */
  refusesDelete?(object: T, options: DeleteOptions): Status | undefined
  /** A change made to the object when deletion begins and something keeps it (a finalizer). */
  prepareForDelete?(draft: T): void
  /** Finalizers beside `metadata.finalizers` that keep a deleted object (those of a namespace's spec). */
  keepsDeleted?(object: T): boolean
  /** Where `scale` reads and writes. */
  scale?: ScalePaths<T>
  /** Subresources of this kind alone: a pod's binding, a namespace's finalize. */
  subresourceHooks?: Record<string, SubresourceBehaviour<T>>
  /** Create-only kinds that are answered and never stored (reviews). */
  review?(draft: T, context: ReviewContext): T | Status
  /** Creating this kind is POST to a subresource of another, on the object it is named after. Nothing of it is stored. */
  createsThrough?: { definition: ResourceDefinition; subresource: string }
}

export interface ScalePaths<T> {
  replicas(object: T): number
  withReplicas(draft: T, replicas: number): void
  statusReplicas(object: T): number
  /** As selector text, `app=a,tier in (b)`. */
  selector(object: T): string
  /** Path of the replicas in managed fields: `['f:spec', 'f:replicas']`. */
  fieldPath: string[]
}

export interface SubresourceContext extends WriteContext {
  snapshot: Snapshot
  random: Random
  dryRun: boolean
  /** Signs claims as a service account token. */
  issueToken(claims: Record<string, unknown>): string
  issuer: string
  warn(text: string): void
}

/**
 * What a subresource call does to its parent. `write`: the parent's new state (a draft it was given, changed);
 * `remove`: delete the parent after that, with these options; `reply`: what the client gets instead of the parent.
 */
export type SubresourceOutcome<T> =
  | { refused: Status }
  | {
      write?: T
      /** Other objects to write in the same transaction. */
      alsoWrite?: CompanionWrite[]
      remove?: DeleteOptions
      reply?: Plain
      code?: number
    }

export interface SubresourceBehaviour<T extends KubeObject = KubeObject> {
  /** The subresource is the parent seen through a keyhole: GET, PUT and PATCH work on it, and this keeps what may change. */
  update?(draft: T, old: T, context: SubresourceContext): FieldError[] | undefined
  validate?(object: T, old: T, context: SubresourceContext): FieldError[]
  /** POST with a body of the subresource's own kind. */
  create?(parent: T, body: Plain, context: SubresourceContext, draft: () => T): SubresourceOutcome<T>
  /** Older `apiVersion`s whose bodies are of the same form. */
  alsoAccepts?: readonly string[]
  /** Whether a change counts for `metadata.generation`. */
  bumpsGeneration?: boolean
}

export interface ReviewContext {
  now: number
  user: UserInfo
  namespace: string
  authenticate(token: string, audiences: string[]): { user?: UserInfo; audiences?: string[]; error?: string }
  authorize(user: UserInfo, attributes: Plain): { allowed: boolean; reason?: string }
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  orphanDependents?: boolean
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: string[]
}

/** A write that goes with another in one transaction: an IPAddress beside its Service. */
export type CompanionWrite =
  | { verb: 'create'; definition: ResourceDefinition; object: Plain }
  | { verb: 'update'; definition: ResourceDefinition; object: Plain }
  | { verb: 'delete'; definition: ResourceDefinition; namespace: string; name: string }

// biome-ignore lint/suspicious/noExplicitAny: a list of definitions of all kinds has no common object type
export interface ResourceDefinition<T extends KubeObject = any> extends ResourceFacts, ResourceBehaviour<T> {
  /** `v1/pods`, `apps/v1/deployments`. */
  readonly key: string
  /** `v1` or `apps/v1`. */
  readonly apiVersion: string
  readonly shape: Shape
  /** The definition whose objects are stored; itself unless the kind is a view of another version. */
  readonly storedAs: ResourceDefinition
  /** An object of the kind with nothing but this metadata, in canonical form: the body of a bookmark. */
  emptyObject(metadata: ObjectMeta): T
  /** Type witness; never set. */
  readonly object?: T
}

export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as Plain).kind === 'Status'
}
