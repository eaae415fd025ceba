// Server-side apply: a manager says what it wants of an object, and only of that it is the owner. What it wants is merged
// into the object, what it wanted before and wants no longer goes, and what others own is a conflict.
// Upstream: structured-merge-diff merge/update.go Apply, apimachinery/pkg/util/managedfields/internal
import { deepEqual } from '../equality.js'
import type { KubeObject, ManagedFieldsEntry, Plain } from '../object.js'
import type { Shape } from '../shape/shape.js'
import { type Status, status } from '../status.js'
import { formatTime } from '../time.js'
import { mentionedAlike } from './alike.js'
import { changedFields } from './comparison.js'
import { configurationError } from './configuration-errors.js'
import { type Conflict, conflictStatus, conflictsOutside } from './conflicts.js'
import { type FieldSet, intersection } from './field-set.js'
import { lastAppliedFields, lastAppliedManager, withLastApplied } from './last-applied.js'
import { NamelessItem } from './list-items.js'
import { entryOf, isBy, type ManagerIdentity, sortEntries, withFields } from './managers.js'
import { mergeConfiguration } from './merging.js'
import { ownedStruct } from './owned-type.js'
import { compareVersions, type Versions } from './ownership.js'
import { prune } from './pruning.js'
import { sharedDifference, sharedRecursiveDifference } from './shared-sets.js'
import { emptyObjectOf, type ResetFields, resetSet, trackedRoot, untrackedFields } from './tracked-fields.js'

export interface Application {
  shape: Shape
  group: string
  version: string
  kind: string
  /** The stored object; absent when the application creates it. */
  live: KubeObject | undefined
  /** What the client sent. */
  configuration: Plain
  manager: string
  subresource: string
  /** Takes what others own. */
  force: boolean
  /** Milliseconds since the epoch. */
  now: number
  resetFields: ResetFields
  versions?: Versions
}

/** The new state, not yet in canonical form, and who owns it; or the refusal. */
export type Applied = { object: Plain; managedFields: ManagedFieldsEntry[] } | { refused: Status }

export function applyConfiguration(application: Application): Applied {
  const { configuration, shape } = application
  const apiVersion = application.group ? `${application.group}/${application.version}` : application.version
  if (configuration.kind !== application.kind || configuration.apiVersion !== apiVersion) {
    return { refused: status.badRequest(`invalid object type: ${groupVersionKind(configuration)}`) }
  }
  if (Array.isArray(configuration.metadata?.managedFields)) return { refused: status.badRequest('metadata.managedFields must be nil') }
  const wrong = configurationError(shape, configuration)
  if (wrong) return { refused: status.untyped(`failed to create typed patch object (${identityText(configuration)}): ${wrong}`) }
  try {
    return applyTyped(application, apiVersion)
  } catch (error) {
    if (!(error instanceof NamelessItem)) throw error
    return {
      refused: status.untyped(
        `failed to create typed live object (${identityText((application.live as Plain | undefined) ?? {})}): element ${error.index}: ${error.message}`,
      ),
    }
  }
}

function applyTyped(application: Application, apiVersion: string): Applied {
  const { shape, configuration, manager, subresource, now, resetFields, versions } = application
  const live = (application.live ?? emptyObjectOf(shape)) as Plain
  const identity: ManagerIdentity = { manager, operation: 'Apply', apiVersion, subresource }
  const entries = trackedEntries(application, apiVersion)
  const previous = entries.find((entry) => isBy(entry, identity))
  const others = entries.filter((entry) => entry !== previous)
  const type = ownedStruct(shape)
  const said = sharedRecursiveDifference(mentionedAlike(type, configuration), resetSet(resetFields))
  const merged = pruned(application, apiVersion, mergeConfiguration(type, live, configuration) as Plain, { said, previous, others })
  const changes = compareVersions({ shape, apiVersion, resetFields, versions, before: live, after: merged, empty: 'present' })
  const conflicts = others.flatMap<Conflict>((entry) => {
    const fields = intersection(entry.fieldsV1, changes(entry.apiVersion ?? '')?.changed)
    return fields ? [{ entry, fields }] : []
  })
  const refused = refusalOf(application, apiVersion, conflicts)
  if (refused) return { refused }
  const kept = others.flatMap((entry) => {
    const theirs = changes(entry.apiVersion ?? '')
    return theirs ? withFields(entry, sharedDifference(sharedDifference(entry.fieldsV1, theirs.changed), theirs.removed)) : []
  })
  const own = sharedDifference(said, untrackedFields)
  // An application that changes nothing is no event: the time stays what it was.
  const time = isSame(live, merged) ? previous?.time : formatTime(now)
  const object = manager === lastAppliedManager ? withLastApplied(merged, configuration) : merged
  return { object, managedFields: sortEntries(own ? [...kept, entryOf(identity, own, time)] : kept) }
}

/** The entries of the live object. Where nobody was tracked, what stands belongs to a manager of the time before. */
function trackedEntries({ live, shape, resetFields, subresource, now }: Application, apiVersion: string): readonly ManagedFieldsEntry[] {
  const entries = live?.metadata.managedFields ?? []
  if (entries.length || !live) return entries
  const fields = changedFields(trackedRoot(shape, resetFields), emptyObjectOf(shape), live)
  return fields ? [entryOf({ manager: 'before-first-apply', operation: 'Update', apiVersion, subresource }, fields, formatTime(now))] : []
}

interface Owners {
  said: FieldSet
  previous: ManagedFieldsEntry | undefined
  others: readonly ManagedFieldsEntry[]
}

function pruned({ shape, versions }: Application, apiVersion: string, merged: Plain, { said, previous, others }: Owners): Plain {
  // Nothing can go while everything that was said is said again.
  if (!previous || (previous.apiVersion === apiVersion && !sharedDifference(previous.fieldsV1, said))) return merged
  const owned = [...others.map((entry) => ({ apiVersion: entry.apiVersion ?? '', fields: entry.fieldsV1 })), { apiVersion, fields: said }]
  return prune({ merged, apiVersion, shape, last: { apiVersion: previous.apiVersion ?? '', fields: previous.fieldsV1 }, owned, versions })
}

function refusalOf({ force, manager, shape, live }: Application, apiVersion: string, conflicts: Conflict[]): Status | undefined {
  if (force || !conflicts.length) return undefined
  const told = manager === lastAppliedManager ? conflictsOutside(conflicts, lastAppliedFields(shape, apiVersion, (live ?? {}) as Plain)) : conflicts
  return told.length ? conflictStatus(told) : undefined
}

function isSame(live: Plain, merged: Plain): boolean {
  return live === merged || deepEqual(live, merged)
}

/** `default/web; apps/v1, Kind=Deployment` */
export function identityText(object: Plain): string {
  const { namespace, name } = object.metadata ?? {}
  return `${textOf(namespace)}/${textOf(name)}; ${groupVersionKind(object)}`
}

/** As upstream prints it: `/v1, Kind=Pod`, `apps/v1, Kind=Deployment`. */
function groupVersionKind({ apiVersion, kind }: Plain): string {
  const parts = textOf(apiVersion).split('/')
  if (parts.length > 2) return '/, Kind='
  return `${parts.length === 2 ? parts[0] : ''}/${parts[parts.length - 1]}, Kind=${textOf(kind)}`
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
