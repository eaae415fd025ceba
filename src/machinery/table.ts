// Table: objects as rows of cells, made by the server so that every client prints the same columns.
// Upstream: apiserver/pkg/registry/rest/table.go, apiserver/pkg/endpoints/handlers/response.go
import type { KubeObject, Plain } from './object.js'
import type { Cell, CellContext, ResourceDefinition } from './resource.js'
import { age } from './time.js'

export interface TableOptions {
  /** Milliseconds since the epoch: ages are counted from here. */
  now: number
  /** What a row carries beside its cells; absent means `Metadata`. */
  includeObject?: string
  /** Of `meta.k8s.io`: `v1` or `v1beta1`. */
  version: string
  /** Of the list, or the resourceVersion of the one object. */
  metadata: Plain
}

type MakeCell = (object: KubeObject, context: CellContext) => Cell

/** The Table of objects of one kind. Without objects `rows` is null. */
export function tableOf(definition: ResourceDefinition, objects: readonly KubeObject[], options: TableOptions): Plain {
  const { columnDefinitions, makers } = layoutOf(definition)
  const { version, metadata } = options
  const rows = objects.map((object) => rowOf(definition, object, makers, options))
  return { kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata, columnDefinitions, rows: rows.length ? rows : null }
}

function rowOf(definition: ResourceDefinition, object: KubeObject, makers: readonly MakeCell[], options: TableOptions): Plain {
  const cells = makers.map((make) => make(object, options))
  const conditions = definition.rowConditions?.(object)
  const carried = carriedObject(object, options)
  return conditions?.length ? { cells, conditions, object: carried } : { cells, object: carried }
}

function carriedObject(object: KubeObject, { includeObject, version }: TableOptions): Plain | null {
  if (includeObject === 'None') return null
  return includeObject === 'Object' ? object : partialObjectMetadata(object, version)
}

/** An object reduced to its metadata. @param version of `meta.k8s.io` */
export function partialObjectMetadata(object: KubeObject, version: string): Plain {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

/** A list of objects reduced to their metadata; unlike other lists it prints null when it is empty. */
export function partialObjectMetadataList(objects: readonly KubeObject[], metadata: Plain, version: string): Plain {
  const items = objects.map((object) => partialObjectMetadata(object, version))
  return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata, items: items.length ? items : null }
}

interface Layout {
  columnDefinitions: Plain[]
  makers: MakeCell[]
}

const layouts = new WeakMap<ResourceDefinition, Layout>()

function layoutOf(definition: ResourceDefinition): Layout {
  const known = layouts.get(definition)
  if (known) return known
  const columns = definition.columns ?? fallbackColumns
  const names = columns.map(([name]) => name)
  // Cells that have no column follow the others, as upstream's rows of IPAddresses show.
  const surplus = Object.keys(definition.cells ?? {}).filter((name) => !names.includes(name))
  const layout = {
    columnDefinitions: columns.map(([name, type, format, priority]) => ({ name, type, format, description: descriptions[name] ?? '', priority })),
    makers: [...names, ...surplus].map((name) => makerOf(definition, name)),
  }
  layouts.set(definition, layout)
  return layout
}

const fallbackColumns: NonNullable<ResourceDefinition['columns']> = [
  ['Name', 'string', 'name', 0],
  ['Created At', 'date', '', 0],
]

function makerOf(definition: ResourceDefinition, name: string): MakeCell {
  return definition.cells?.[name] ?? knownCells[name] ?? (() => '')
}

const zeroTime = '0001-01-01T00:00:00Z'

/** Cells that every kind may have. */
const knownCells: Record<string, MakeCell> = {
  Name: ({ metadata }) => metadata.name ?? '',
  Age: ({ metadata }, { now }) => age(metadata.creationTimestamp, now),
  'Created At': ({ metadata }) => metadata.creationTimestamp ?? zeroTime,
}

const descriptions: Record<string, string> = {
  Name: 'The name of the object, unique among the objects of its kind and namespace.',
  Age: 'How long ago the object was created.',
  'Created At': 'When the object was created.',
  Status: 'In what state the object is.',
  Ready: 'How many parts of the object are ready.',
  Selector: 'The labels by which the object finds its pods.',
  Containers: 'The names of the containers in the template.',
  Images: 'The images of the containers in the template.',
}
