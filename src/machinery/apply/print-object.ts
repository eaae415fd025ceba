// An object as one line of JSON. What its managers own is more than half of many an object, and the same for many objects: such a set is
// printed once, as long as it lives.
import { printJSON } from '../json.js'
import type { FieldsV1, ManagedFieldsEntry, ObjectMeta, Plain } from '../object.js'
import { isShared } from './shared-sets.js'

/** As `printJSON`. */
export function printObject(object: Plain): string {
  const { metadata } = object as { metadata?: ObjectMeta }
  if (!metadata || !hasSharedSet(metadata.managedFields)) return printJSON(object)
  return printMembers(object, (name, value) => (name === 'metadata' ? printMetadata(metadata) : printJSON(value)))
}

function hasSharedSet(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  return entries?.some(({ fieldsV1 }) => fieldsV1 !== undefined && isShared(fieldsV1)) ?? false
}

function printMetadata(metadata: ObjectMeta): string {
  return printMembers(metadata, (name, value) => (name === 'managedFields' ? `[${(value as ManagedFieldsEntry[]).map(printEntry).join()}]` : printJSON(value)))
}

const printEntry = (entry: ManagedFieldsEntry) => printMembers(entry, (name, value) => (name === 'fieldsV1' ? printSet(value as FieldsV1) : printJSON(value)))

function printMembers(object: object, print: (name: string, value: unknown) => string): string {
  let text = ''
  for (const [name, value] of Object.entries(object)) if (value !== undefined) text += `${text ? ',' : ''}"${name}":${print(name, value)}`
  return `{${text}}`
}

const texts = new WeakMap<FieldsV1, string>()

function printSet(set: FieldsV1): string {
  const known = texts.get(set)
  if (known !== undefined) return known
  const text = printJSON(set)
  if (isShared(set)) texts.set(set, text)
  return text
}
