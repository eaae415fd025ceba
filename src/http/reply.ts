// From an answer of the registry to bytes: one place for every representation of one object or of a list.
import {
  encodeList,
  encodeObject,
  failure,
  type KubeObject,
  type Plain,
  partialObjectMetadata,
  partialObjectMetadataList,
  printJSON,
  printObject,
  printPrettyJSON,
  type ResourceDefinition,
  type Shape,
  type Status,
  StatusError,
  type TableOptions,
  tableOf,
} from '../machinery/index.js'
import { type Answer, type ListAnswer, runsOf, viewOf } from '../registry/index.js'
import { printYAML } from './body/yaml-print.js'
import { isPlainJSON, type Representation } from './negotiation.js'
import { protobufBytes } from './protobuf-bytes.js'

export interface Encoded {
  /** A text, parts of one body, or parts that are made while they are written; shared Buffers are not changed. */
  body: string | (Buffer | string)[] | Iterator<Buffer | string, void>
  contentType: string
}

export interface EncodeContext {
  definition: ResourceDefinition
  representation: Representation
  isPretty: boolean
  /** Others will want the same bytes. */
  isRead: boolean
  /** Milliseconds since the epoch: ages in tables are counted from here. */
  now: number
  /** `Metadata`, `Object` or `None`: what rows of a Table carry. */
  includeObject?: string
  shapeOf(apiVersion: string, kind: string): Shape | undefined
}

export function encodeAnswer(answer: Answer, context: EncodeContext): Encoded {
  const { representation } = context
  const { stored } = answer
  if (stored && (context.isRead || stored.isPrinted) && isPlainJSON(representation) && !context.isPretty)
    return { body: [stored.printed], contentType: representation.contentType }
  if (representation.format === 'protobuf' && !representation.as && answer.object.kind !== 'Status') {
    const { object } = answer
    const shape = requireShape(context, object)
    return { body: [protobufBytes(shape, object as KubeObject, stored?.size)], contentType: representation.contentType }
  }
  return encodeValue(convert(answer.object, context), context, stored?.size)
}

function convert(object: KubeObject | Status, context: EncodeContext): Plain {
  const { as, version } = context.representation
  if (!as || object.kind === 'Status') return object
  if (as === 'Table') return tableOf(context.definition, [object as KubeObject], tableOptions(context, object.metadata.resourceVersion))
  if (as === 'PartialObjectMetadataList') refuseConversion(as, 'not a list', context.definition, object.kind)
  return partialObjectMetadata(object as KubeObject, version)
}

/** Upstream names the type that stands for all versions of the kind. */
function refuseConversion(as: string, what: string, { group }: ResourceDefinition, kind: string): never {
  const room = group.includes('events.') || !group ? 'core' : group.split('.', 1)[0]
  throw new StatusError(failure(406, 'NotAcceptable', `you requested ${as}, but the requested object is ${what} (*${room}.${kind})`))
}

export function tableOptions({ now, includeObject, representation }: EncodeContext, resourceVersion: string | undefined): TableOptions {
  return { now, includeObject, version: representation.version, metadata: { resourceVersion: resourceVersion ?? '' } }
}

type ValueContext = Pick<EncodeContext, 'representation' | 'isPretty' | 'shapeOf'>

/** Any API value without a definition of its own: a Status, a discovery document. */
export function encodeValue(value: Plain, { representation, isPretty, shapeOf }: ValueContext, sizeHint?: number): Encoded {
  const { format, contentType } = representation
  if (format === 'yaml') return { body: printYAML(value), contentType }
  const shape = format === 'protobuf' ? shapeOf(value.apiVersion ?? '', value.kind) : undefined
  if (shape) return { body: [encodeObject(shape, value, sizeHint)], contentType }
  const print = isPretty || representation.isPretty ? printPrettyJSON : printObject
  return { body: `${print(value)}\n`, contentType: format === 'json' ? contentType : 'application/json' }
}

export function encodeListAnswer(answer: ListAnswer, context: EncodeContext): Encoded {
  const { representation, definition } = context
  const { as, format, version, contentType } = representation
  const objects = () => answer.items.map((stored) => viewOf(definition, stored).object)
  if (as === 'Table') return encodeValue(tableOf(definition, objects(), { ...tableOptions(context, undefined), metadata: answer.metadata }), context)
  if (as === 'PartialObjectMetadata') refuseConversion(as, 'a list', definition, listKindOf(definition))
  if (as) return encodeValue(partialObjectMetadataList(objects(), answer.metadata, version), context)
  if (format === 'json' && !context.isPretty && definition.storedAs === definition) return { body: listParts(definition, answer), contentType }
  const list = { kind: listKindOf(definition), apiVersion: definition.apiVersion, metadata: answer.metadata }
  if (format === 'protobuf') return { body: encodeList(requireShape(context, list), list, protobufItems(definition, answer)), contentType }
  return encodeValue({ ...list, items: objects().map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest) }, context)
}

const listKindOf = ({ kind, listKind }: ResourceDefinition) => listKind ?? `${kind}List`

function protobufItems(definition: ResourceDefinition, { items }: ListAnswer): Buffer[] {
  return items.map((stored) => protobufBytes(definition.shape, viewOf(definition, stored).object, stored.size))
}

export function requireShape({ shapeOf }: Pick<EncodeContext, 'shapeOf'>, { apiVersion, kind }: Plain): Shape {
  const shape = shapeOf(apiVersion ?? '', kind)
  if (!shape) throw new Error(`no shape of ${apiVersion} ${kind}`)
  return shape
}

/** The stored bytes of all items; items of built-in lists print neither kind nor apiVersion. */
function* listParts(definition: ResourceDefinition, { items, isWhole, metadata }: ListAnswer): Generator<Buffer | string, void> {
  yield `{"kind":"${definition.listKind}","apiVersion":"${definition.apiVersion}","metadata":${printJSON(metadata)},"items":[`
  const itemHead = `{"kind":"${definition.kind}","apiVersion":"${definition.apiVersion}",`
  let last: Buffer | string | undefined
  for (const run of runsOf(items, itemHead.length, { keeps: isWhole })) {
    if (last !== undefined) yield last
    last = run
  }
  // Without the comma behind the last item.
  if (last !== undefined) yield typeof last === 'string' ? last.slice(0, -1) : last.subarray(0, -1)
  yield ']}\n'
}
