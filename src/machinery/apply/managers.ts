// The entries of metadata.managedFields: who they are, in which order they stand, what a client may put in their place.
// Upstream: apimachinery/pkg/util/managedfields/internal/{managedfields,fieldmanager,capmanagers}.go
import { deepEqual } from '../equality.js'
import type { ManagedFieldsEntry } from '../object.js'
import { type FieldSet, parseFieldsV1, union } from './field-set.js'

export interface ManagerIdentity {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  /** Empty for the object itself. */
  subresource: string
}

/** An entry in the order of its fields. */
export function entryOf({ manager, operation, apiVersion, subresource }: ManagerIdentity, fieldsV1: NonNullable<FieldSet>, time?: string): ManagedFieldsEntry {
  return {
    manager: manager || 'unknown',
    operation,
    apiVersion,
    ...(time ? { time } : {}),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  }
}

/** Appliers are one whatever version they write; updaters are one for each version. */
export function isBy(entry: ManagedFieldsEntry, identity: ManagerIdentity): boolean {
  return (
    entry.operation === identity.operation &&
    (entry.manager ?? '') === (identity.manager || 'unknown') &&
    (entry.subresource ?? '') === identity.subresource &&
    (identity.operation === 'Apply' || entry.apiVersion === identity.apiVersion)
  )
}

/** The entry with another set; nothing when it owns nothing any more. */
export function withFields(entry: ManagedFieldsEntry, fieldsV1: FieldSet): ManagedFieldsEntry[] {
  if (!fieldsV1) return []
  return [fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 }]
}

/** What names an entry when all else is equal, and in which order conflicts are told. */
export function identifierOf({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  return JSON.stringify({ manager, operation, ...(operation === 'Apply' ? {} : { apiVersion }), subresource })
}

/** A list of its own, without the room to grow that its makers leave: it is stored. */
export function sortEntries(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return entries.toSorted(compareEntries)
}

function compareEntries(one: ManagedFieldsEntry, other: ManagedFieldsEntry): number {
  return (
    compareTexts(one.operation, other.operation) ||
    compareTexts(one.time, other.time) ||
    compareTexts(one.manager, other.manager) ||
    compareTexts(one.apiVersion, other.apiVersion) ||
    compareTexts(one.subresource, other.subresource)
  )
}

function compareTexts(one = '', other = ''): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** More updaters than this are not remembered one by one. */
const updatersMax = 10
const ancientManager = 'ancient-changes'

/** Merges the oldest updaters of each version into one when there are too many. */
export function capUpdaters(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter(({ operation }) => operation === 'Update')
  let excess = updaters.length - updatersMax
  if (excess <= 0) return entries
  updaters.sort((one, other) => compareTexts(one.time, other.time) || compareTexts(identifierOf(one), identifierOf(other)))
  const kept = new Set(entries)
  const first = new Map<string, ManagedFieldsEntry>()
  for (const entry of updaters) {
    if (excess <= 0) break
    const version = entry.apiVersion ?? ''
    const bucket = first.get(version)
    if (!bucket) {
      first.set(version, entry)
      continue
    }
    const identity: ManagerIdentity = { manager: ancientManager, operation: 'Update', apiVersion: version, subresource: '' }
    const merged = entryOf(identity, union(bucket.fieldsV1, entry.fieldsV1) ?? {}, entry.time)
    kept.delete(bucket)
    kept.delete(entry)
    kept.add(merged)
    first.set(version, merged)
    excess--
  }
  return [...kept]
}

/**
 * The entries a write starts from. A client may put its own in the place of the stored ones; an empty list, or a list with
 * one empty entry, forgets them all; entries that make no sense are passed over.
 */
export function baseEntries(stored: readonly ManagedFieldsEntry[] = [], given: readonly ManagedFieldsEntry[] | undefined): readonly ManagedFieldsEntry[] {
  if (!given || given === stored) return stored
  if (isReset(given)) return []
  if (deepEqual(given, stored)) return stored
  const parsed = parseEntries(given)
  return parsed?.length ? parsed : stored
}

function isReset(given: readonly ManagedFieldsEntry[]): boolean {
  return given.length === 0 || (given.length === 1 && Object.keys(given[0]).length === 0)
}

function parseEntries(given: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined {
  const parsed = new Map<string, ManagedFieldsEntry>()
  for (const entry of given) {
    const { operation, apiVersion, fieldsType, manager = '', time, subresource = '' } = entry
    const fieldsV1 = parseFieldsV1(entry.fieldsV1 ?? {})
    if ((operation !== 'Apply' && operation !== 'Update') || !apiVersion || fieldsType !== 'FieldsV1' || !fieldsV1) return undefined
    // The last of those with one identity counts.
    parsed.set(identifierOf(entry), { ...entryOf({ manager, operation, apiVersion, subresource }, fieldsV1, time) })
  }
  return [...parsed.values()]
}
