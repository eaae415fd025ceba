// What a client wants back, and what it says it sends.
// Upstream: apiserver/pkg/endpoints/handlers/negotiation/negotiate.go
import { type Status, status } from '../machinery/index.js'
import { type Clause, clausesOf } from './accept-header.js'

export type Format = 'json' | 'yaml' | 'protobuf'
export type Conversion = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList' | 'APIGroupDiscoveryList'

export interface Representation {
  format: Format
  as?: Conversion
  /** Of the conversion: `v1` or `v1beta1`. */
  version: 'v1' | 'v1beta1'
  /** The Content-Type of the answer. */
  contentType: string
  /** Asked for in the media type itself: `application/json;pretty=1`. */
  isPretty?: true
}

/** What is asked for decides which conversions make sense. */
export type Answering = 'object' | 'columnless' | 'list' | 'watch' | 'plain' | 'discovery'

const mediaTypes: ReadonlyMap<string, Format> = new Map([
  ['application/json', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
])
const acceptedMediaTypes = [...mediaTypes.keys()]

const plainJSON: Representation = { format: 'json', version: 'v1', contentType: 'application/json' }

// Clients repeat a handful of headers; hostile ones must not fill the memory.
const cache = new Map<string, Representation | Status>()
const cachedMax = 500
const acceptLengthMax = 4096

/** The most wanted of what there is, or a 406 Status. */
export function negotiate(accept: string | undefined, answering: Answering): Representation | Status {
  if (!accept || accept === 'application/json' || accept === '*/*') return plainJSON
  const key = `${answering} ${accept}`
  let found = cache.get(key)
  if (!found) {
    found = accept.length > acceptLengthMax ? status.notAcceptable(acceptedMediaTypes) : choose(accept, answering)
    if (cache.size >= cachedMax) cache.clear()
    cache.set(key, found)
  }
  return found
}

function choose(accept: string, answering: Answering): Representation | Status {
  const produced = answering === 'list' || answering === 'watch' ? [...acceptedMediaTypes, ...streamMediaTypes] : acceptedMediaTypes
  if (!isRouted(accept, produced)) return status.notRepresented(produced)
  for (const clause of clausesOf(accept)) {
    const representation = accepted(clause, answering)
    if (!representation) continue
    // YAML is found and then has no stream: what is wanted less is not looked at.
    if (answering === 'watch' && representation.format === 'yaml') break
    return representation
  }
  return status.notAcceptable(answering === 'watch' ? streamMediaTypes : acceptedMediaTypes)
}

/**
 * Whether a route gives one of the types, whatever their parameters: what is no route's is refused before anybody looks closer.
 * Upstream: github.com/emicklei/go-restful/v3 Route.matchesAccept
 */
function isRouted(accept: string, produced: readonly string[]): boolean {
  return accept.split(',').some((clause) => {
    const type = clause.split(';', 1)[0].trim()
    return type === '*/*' || produced.includes(type)
  })
}

const streamMediaTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

function accepted({ type, parameters }: Clause, answering: Answering): Representation | undefined {
  const format = type === '*/*' || type === 'application/*' ? 'json' : mediaTypes.get(type)
  if (!format) return undefined
  const { stream, sv, pretty } = parameters
  if (stream && (stream !== 'watch' || format === 'yaml')) return undefined
  if (sv && (sv !== 'v1' || answering === 'plain')) return undefined
  const conversion = conversionOf(parameters, answering)
  if (conversion === 'unknown' || (conversion?.as === 'Table' && format === 'protobuf')) return undefined
  const contentType = contentTypeOf(format, answering) + (conversion?.as === 'APIGroupDiscoveryList' ? discoverySuffix : '')
  return { format, version: 'v1', ...conversion, contentType, ...(pretty === '1' ? { isPretty: true } : {}) }
}

function contentTypeOf(format: Format, answering: Answering): string {
  const type = format === 'protobuf' ? 'application/vnd.kubernetes.protobuf' : `application/${format}`
  return answering === 'watch' && format === 'protobuf' ? `${type};stream=watch` : type
}

function conversionOf(parameters: Record<string, string>, answering: Answering): { as: Conversion; version: 'v1' | 'v1beta1' } | 'unknown' | undefined {
  const { as, g, v } = parameters
  if (as === undefined && g === undefined && v === undefined) return undefined
  if (answering === 'discovery') return isAggregatedDiscovery(parameters) ? { as: 'APIGroupDiscoveryList', version: 'v1' } : 'unknown'
  if (answering === 'plain' || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return 'unknown'
  if (as === 'Table') return answering === 'columnless' ? 'unknown' : { as, version: v }
  // Whether the answer is a list is seen when it is there. Differs: upstream begins a watch of lists, and breaks it off with its first event.
  if (as === 'PartialObjectMetadataList' && answering !== 'watch') return { as, version: v }
  return as === 'PartialObjectMetadata' ? { as, version: v } : 'unknown'
}

// Upstream: endpoints/discovery/aggregated/negotiation.go, whose v2beta1 is gone for good in 1.35 (AggregatedDiscoveryRemoveBetaType is locked).
const discoverySuffix = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

function isAggregatedDiscovery({ as, g, v }: Record<string, string>): boolean {
  return as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2'
}

export function isPlainJSON({ format, as, isPretty }: Representation): boolean {
  return format === 'json' && as === undefined && !isPretty
}

/** The format of a body by its Content-Type; none means JSON. */
export function bodyFormat(contentType: string | undefined): Format | Status {
  if (!contentType || contentType === 'application/json') return 'json'
  return (hasGoodParameters(contentType) && mediaTypes.get(mediaTypeOf(contentType))) || status.unsupportedMediaType(acceptedMediaTypes)
}

/** A media type with anything behind it that is no parameter is none. Upstream: Go's mime.ParseMediaType */
function hasGoodParameters(contentType: string): boolean {
  const start = contentType.indexOf(';')
  if (start < 0) return true
  const names = [...contentType.slice(start).matchAll(parameter)].map(([, name]) => name.toLowerCase())
  return new Set(names).size === names.length && /^[;\s]*$/.test(contentType.slice(start).replace(parameter, ''))
}

const parameter = /;\s*([!#$%&'*+.^`|~\w-]+)\s*=\s*(?:[!#$%&'*+.^`|~\w-]+|"(?:[^"\\]|\\.)*")\s*(?=;|$)/g

export type PatchFormat = 'json' | 'merge' | 'strategic' | 'apply'
const patchFormats: ReadonlyMap<string, PatchFormat> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
])

export function patchFormat(contentType: string | undefined): PatchFormat | Status {
  return patchFormats.get(mediaTypeOf(contentType)) ?? status.notConsumed()
}

function mediaTypeOf(contentType = ''): string {
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}
