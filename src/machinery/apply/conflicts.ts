// Conflicts: fields that a configuration changes and another manager owns.
// Upstream: structured-merge-diff merge/conflict.go, apimachinery/pkg/util/managedfields/internal/conflict.go
import { quote } from '../field-error.js'
import type { ManagedFieldsEntry } from '../object.js'
import { failure, type Status } from '../status.js'
import { difference, type FieldSet, pathsOf } from './field-set.js'
import { identifierOf } from './managers.js'

export interface Conflict {
  entry: ManagedFieldsEntry
  fields: NonNullable<FieldSet>
}

/** The conflicts that are left when those in these fields are no matter. */
export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): Conflict[] {
  return conflicts.flatMap(({ entry, fields }) => {
    const left = difference(fields, allowed)
    return left ? [{ entry, fields: left }] : []
  })
}

/** Differs: managers stand in a fixed order, upstream's causes in a random one. */
export function conflictStatus(conflicts: readonly Conflict[]): Status {
  const told = [...conflicts]
    .sort((one, other) => (identifierOf(one.entry) < identifierOf(other.entry) ? -1 : 1))
    .map(({ entry, fields }) => ({ manager: managerText(entry), paths: pathsOf(fields) }))
  const causes = told.flatMap(({ manager, paths }) =>
    paths.map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field: path })),
  )
  const text =
    causes.length === 1
      ? `1 conflict: conflict with ${told[0].manager}: ${told[0].paths[0]}`
      : `${causes.length} conflicts: ${told.map(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)].join('\n')).join('\n')}`
  return failure(409, 'Conflict', `Apply failed with ${text}`, { causes })
}

/** `"kubectl" with subresource "status" using v1` */
function managerText({ manager = '', subresource, operation, apiVersion }: ManagedFieldsEntry): string {
  const name = subresource ? `${quote(manager)} with subresource ${quote(subresource)}` : quote(manager)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
