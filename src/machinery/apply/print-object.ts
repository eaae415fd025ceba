// An object as one line of JSON. What its managers own is more than half of many an object, and the same for many objects: such a set is
// printed once, as long as it lives.
import { printJSON } from '../json.js'
import type { FieldsV1, ManagedFieldsEntry, ObjectMeta, Plain } from '../object.js'
import { isShared } from './shared-sets.js'

/** As `printJSON`. */
export function printObject(object: Plain): string {
  const { kind, apiVersion, metadata, ...content } = object
  if (!hasSharedSet(metadata) || !isInOrder(object, metadata)) return printJSON(object)
  const { managedFields, ...own } = metadata
  // In as few pieces as there can be: each costs as much as some hundred characters.
  const head = printJSON({ kind, apiVersion, metadata: own }).slice(0, -2)
  const rest = printJSON(content).slice(1)
  return `${head}${head.endsWith('{') ? '' : ','}"managedFields":[${managedFields.map(printEntry).join()}]}${rest.length > 1 ? ',' : ''}${rest}`
}

type Managed = ObjectMeta & { managedFields: ManagedFieldsEntry[] }

function hasSharedSet(metadata: ObjectMeta | undefined): metadata is Managed {
  return metadata?.managedFields?.some(({ fieldsV1 }) => fieldsV1 !== undefined && isShared(fieldsV1)) ?? false
}

/** The order of all that is stored: metadata behind what says the kind, and managed fields at its end. */
function isInOrder(object: Plain, metadata: ObjectMeta): boolean {
  let place = 0
  for (const name in object) {
    if (name !== first[place]) return false
    if (++place === first.length) break
  }
  return Object.keys(metadata).at(-1) === 'managedFields'
}

const first = ['kind', 'apiVersion', 'metadata']

function printEntry({ fieldsV1, subresource, ...own }: ManagedFieldsEntry): string {
  if (!fieldsV1) return printJSON({ ...own, fieldsV1, subresource })
  return `${printJSON(own).slice(0, -1)},"fieldsV1":${printSet(fieldsV1)}${subresource === undefined ? '' : `,"subresource":${printJSON(subresource)}`}}`
}

const texts = new WeakMap<FieldsV1, string>()

function printSet(set: FieldsV1): string {
  const known = texts.get(set)
  if (known !== undefined) return known
  const text = printJSON(set)
  if (isShared(set)) texts.set(set, text)
  return text
}
