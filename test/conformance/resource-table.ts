// ResourceTable: what a real API server publishes of every built-in resource, read from the table that was made by asking one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ResourceRow {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  listKind: string
  namespaced: boolean
  shortNames?: string[]
  categories?: string[]
  verbs: string[]
  storageVersionHash?: string
  subresources?: SubresourceRow[]
  columns?: [name: string, type: string, format: string, priority: number][]
  fieldSelectors?: string[]
}

export interface SubresourceRow {
  name: string
  group: string
  version: string
  kind: string
  verbs: string[]
  /** Whether discovery says group and version, since they are not those of the resource. */
  explicit?: boolean
}

/** A group and its versions, the preferred one first. */
export type GroupRow = [group: string, ...versions: string[]]

const file = join(import.meta.dirname, '..', '..', 'schema', 'resources.json')
const { $groups, ...table } = JSON.parse(readFileSync(file, 'utf8')) as { $groups: GroupRow[] } & Record<string, ResourceRow>

/** In the order of discovery. */
export const groupRows: readonly GroupRow[] = $groups
export const resourceRows: readonly ResourceRow[] = Object.values(table as Record<string, ResourceRow>)

export function rowsOf(group: string, version: string): ResourceRow[] {
  return resourceRows.filter((row) => row.group === group && row.version === version)
}

/** `/api/v1`, `/apis/apps/v1` */
export function rootOf({ group, version }: { group: string; version: string }): string {
  return group ? `/apis/${group}/${version}` : `/api/${version}`
}

/** `v1/pods`, `apps/v1/deployments` */
export function keyOf({ group, version, plural }: ResourceRow): string {
  return group ? `${group}/${version}/${plural}` : `${version}/${plural}`
}

/** @returns the path of the collection */
export function collectionOf(row: ResourceRow, namespace?: string): string {
  return `${rootOf(row)}${row.namespaced && namespace ? `/namespaces/${namespace}` : ''}/${row.plural}`
}
