// Notices as frames of a watch, in the representation a reader asked for. Plain JSON frames are the stored bytes, shared by all.
import {
  encodeObject,
  encodeWatchFrame,
  type KubeObject,
  partialObjectMetadata,
  type Plain,
  printJSON,
  type ResourceDefinition,
  type Status,
  tableOf,
} from '../machinery/index.js'
import { type Notice, viewOf } from '../registry/index.js'
import { isPlainJSON } from './negotiation.js'
import { type EncodeContext, tableOptions } from './reply.js'
import type { FrameEncoder } from './watch-stream.js'

const openings = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const closing = Buffer.from('}\n')

export function watchEncoder(context: EncodeContext): FrameEncoder {
  const { definition, representation } = context
  if (isPlainJSON(representation) && definition.storedAs === definition) return { frame: (notice) => plainFrame(definition, notice) }
  let isFirst = true
  return {
    frame(notice) {
      const object = converted(context, notice, isFirst)
      isFirst = false
      if (representation.format !== 'protobuf') return [Buffer.from(`${printJSON({ type: notice.type, object })}\n`)]
      const shape = context.shapeOf(object.apiVersion ?? '', object.kind)
      return shape ? [Buffer.from(encodeWatchFrame(notice.type, encodeObject(shape, object)))] : []
    },
  }
}

function plainFrame(definition: ResourceDefinition, notice: Notice): Buffer[] {
  if (notice.type === 'BOOKMARK') return [Buffer.from(`${printJSON({ type: 'BOOKMARK', object: bookmarkOf(definition, notice) })}\n`)]
  if (notice.type === 'ERROR') return [Buffer.from(`${printJSON({ type: 'ERROR', object: notice.status })}\n`)]
  return [openings[notice.type], notice.stored.json, closing]
}

function converted(context: EncodeContext, notice: Notice, isFirst: boolean): Plain {
  const { definition, representation } = context
  if (notice.type === 'ERROR') return notice.status as Status & Plain
  const object = notice.type === 'BOOKMARK' ? bookmarkOf(definition, notice) : viewOf(definition, notice.stored).object
  if (!representation.as) return object
  if (representation.as !== 'Table') return partialObjectMetadata(object, representation.version)
  const table = tableOf(definition, [object], tableOptions(context, object.metadata.resourceVersion))
  // Column definitions stand in the first event only.
  return isFirst ? table : { ...table, columnDefinitions: null }
}

/** An object of the kind that says nothing but how far the reader has come. */
function bookmarkOf(definition: ResourceDefinition, notice: { revision: number; isInitialEnd: boolean }): KubeObject {
  const annotations = notice.isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(notice.revision), ...annotations }
  return definition.emptyObject(metadata)
}
