// The annotation of kubectl's client-side apply, which server-side apply by kubectl takes over from.
// Upstream: apimachinery/pkg/util/managedfields/internal/{lastappliedmanager,lastappliedupdater}.go
import { byteLength } from '../byte-length.js'
import { printJSON } from '../json.js'
import { isObject, type Plain } from '../object.js'
import type { Shape } from '../shape/shape.js'
import { compareFields } from './comparison.js'
import { configurationError } from './configuration-errors.js'
import { difference, type FieldSet } from './field-set.js'
import { NamelessItem } from './list-items.js'
import { mentionedFields } from './merging.js'
import { ownedStruct } from './owned-type.js'

const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
/** The manager that does this; others choose another name and are left alone. */
export const lastAppliedManager = 'kubectl'
/** Upstream: TotalAnnotationSizeLimitB */
const annotationsBytesMax = 256 * 1024

/** Fields that client-side apply has set and that still stand as it set them. */
export function lastAppliedFields(shape: Shape, apiVersion: string, live: Plain): FieldSet {
  const applied = parse(live.metadata?.annotations?.[annotation])
  if (!applied || applied.apiVersion !== apiVersion || configurationError(shape, applied)) return undefined
  const type = ownedStruct(shape)
  try {
    const { changed, removed } = compareFields(type, applied, live, 'present')
    return difference(difference(mentionedFields(type, applied), changed), removed)
  } catch (error) {
    if (error instanceof NamelessItem) return undefined
    throw error
  }
}

function parse(text: unknown): Plain | undefined {
  if (typeof text !== 'string' || !text) return undefined
  try {
    const value = JSON.parse(text) as unknown
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The object whose annotation, if it has one, is the configuration that was applied now. */
export function withLastApplied(object: Plain, configuration: Plain): Plain {
  const annotations = object.metadata?.annotations as Plain | undefined
  if (!annotations?.[annotation]) return object
  const updated: Plain = { ...annotations, [annotation]: `${printJSON(sorted(withoutAnnotation(configuration)))}\n` }
  const bytes = Object.entries(updated).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(String(value)), 0)
  if (bytes > annotationsBytesMax) delete updated[annotation]
  return { ...object, metadata: { ...object.metadata, annotations: updated } }
}

function withoutAnnotation(configuration: Plain): Plain {
  const annotations = configuration.metadata?.annotations
  if (!isObject(annotations)) return configuration
  const { [annotation]: _own, ...rest } = annotations
  return { ...configuration, metadata: { ...configuration.metadata, annotations: rest } }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}
