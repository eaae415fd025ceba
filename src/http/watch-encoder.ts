// Notices as frames of a watch, in the representation a reader asked for. Readers of one representation share the bytes.
import {
  encodeObject,
  encodeWatchFrame,
  type KubeObject,
  type Plain,
  partialObjectMetadata,
  printJSON,
  type ResourceDefinition,
  type Status,
  tableOf,
} from '../machinery/index.js'
import { type Notice, viewOf } from '../registry/index.js'
import { isPlainJSON, type Representation } from './negotiation.js'
import { protobufBytes } from './protobuf-bytes.js'
import { type EncodeContext, requireShape, tableOptions } from './reply.js'
import type { Frame, FrameEncoder } from './watch-stream.js'

const openings = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const closing = Buffer.from('}\n')

/** What many readers are told at once is made once: the readers of one event are told, and written to, one after the other. */
export class RecentFrames {
  #stored: Stored | undefined
  readonly #frames = new Map<string, Frame>()
  #written: Written = nothingWritten

  /** The bytes of all frames. The same ones again are the same bytes again. */
  joined(frames: readonly Frame[]): Buffer {
    return this.#writtenOf(frames).bytes
  }

  /** The same as one chunk of a chunked answer. */
  chunk(frames: readonly Frame[]): Buffer {
    const written = this.#writtenOf(frames)
    const { bytes } = written
    written.chunk ??= Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, lineEnd])
    return written.chunk
  }

  #writtenOf(frames: readonly Frame[]): Written {
    const { frames: known } = this.#written
    if (known.length === frames.length && frames.every((frame, index) => frame === known[index])) return this.#written
    const written = { frames, bytes: frames.length === 1 ? joinedFrame(frames[0]) : Buffer.concat(frames.flat()) }
    // What is kept for the next reader must not become much.
    this.#written = written.bytes.length <= keptBytesMax ? written : nothingWritten
    return written
  }

  /** @param representation all that the bytes depend on, beside the object */
  frame(stored: Stored, representation: string, make: () => Frame): Frame {
    if (this.#stored !== stored) {
      this.#stored = stored
      this.#frames.clear()
    }
    let frame = this.#frames.get(representation)
    if (!frame) {
      frame = make()
      this.#frames.set(representation, frame)
    }
    return frame
  }
}

/** What was written to a reader last. */
interface Written {
  frames: readonly Frame[]
  bytes: Buffer
  chunk?: Buffer
}

const keptBytesMax = 1024 * 1024
const nothingWritten: Written = { frames: [], bytes: Buffer.alloc(0) }
const lineEnd = Buffer.from('\r\n')

/** The bytes of one frame. */
export const joinedFrame = (frame: Frame): Buffer => (frame.length === 1 ? frame[0] : Buffer.concat(frame))

type Stored = Extract<Notice, { stored: unknown }>['stored']

/** @param framing whether protobuf frames begin with their length; messages of a WebSocket do not */
export function watchEncoder(context: EncodeContext, recent: RecentFrames, framing: 'stream' | 'message'): FrameEncoder {
  const { definition, representation } = context
  if (isPlainJSON({ ...representation, isPretty: undefined }) && definition.storedAs === definition)
    return { frame: (notice) => plainFrame(definition, notice, recent) }
  if (representation.as === 'Table') return tableEncoder(context)
  const key = `${definition.key} ${representation.format} ${representation.as} ${representation.version} ${framing}`
  return {
    frame(notice) {
      const make = () => [encoded(context, notice, framing)]
      return 'stored' in notice ? recent.frame(notice.stored, `${notice.type} ${key}`, make) : make()
    },
  }
}

function plainFrame(definition: ResourceDefinition, notice: Notice, recent: RecentFrames): Frame {
  if (notice.type === 'BOOKMARK' || notice.type === 'ERROR') return [jsonFrame(notice.type, objectOf(definition, notice))]
  return recent.frame(notice.stored, notice.type, () => [Buffer.concat([openings[notice.type], notice.stored.line.subarray(0, -1), closing])])
}

const jsonFrame = (type: string, object: Plain) => Buffer.from(`${printJSON({ type, object })}\n`)

function encoded(context: EncodeContext, notice: Notice, framing: 'stream' | 'message'): Buffer {
  const { representation } = context
  const object = converted(context.definition, notice, representation)
  if (representation.format !== 'protobuf') return jsonFrame(notice.type, object)
  const shape = requireShape(context, object)
  // What is no object of the log is met only once.
  const isLasting = 'stored' in notice && !representation.as
  const bytes = isLasting ? protobufBytes(shape, object as KubeObject, notice.stored.size) : encodeObject(shape, object)
  return encodeWatchFrame(notice.type, bytes).subarray(framing === 'stream' ? 0 : lengthBytes)
}

const lengthBytes = 4

function converted(definition: ResourceDefinition, notice: Notice, { as, version }: Representation): Plain {
  const object = objectOf(definition, notice)
  return as && notice.type !== 'ERROR' ? partialObjectMetadata(object as KubeObject, version) : object
}

function objectOf(definition: ResourceDefinition, notice: Notice): KubeObject | (Status & Plain) {
  if (notice.type === 'ERROR') return notice.status
  return notice.type === 'BOOKMARK' ? bookmarkOf(definition, notice) : viewOf(definition, notice.stored).object
}

/** Column definitions stand in the first event only. */
function tableEncoder(context: EncodeContext): FrameEncoder {
  const { definition } = context
  let isFirst = true
  return {
    frame(notice) {
      const object = objectOf(definition, notice)
      if (notice.type === 'ERROR') return [jsonFrame(notice.type, object)]
      // What a bookmark says stands in its object, whatever the client wants to see of objects.
      const shown = notice.type === 'BOOKMARK' ? { ...context, includeObject: undefined } : context
      const table = tableOf(definition, [object as KubeObject], tableOptions(shown, (object as KubeObject).metadata.resourceVersion))
      const frame = jsonFrame(notice.type, isFirst ? table : { ...table, columnDefinitions: null })
      isFirst = false
      return [frame]
    },
  }
}

/** An object of the kind that says nothing but how far the reader has come. */
function bookmarkOf(definition: ResourceDefinition, notice: { revision: number; isInitialEnd: boolean }): KubeObject {
  const annotations = notice.isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  const metadata = { resourceVersion: String(notice.revision), ...annotations }
  return definition.emptyObject(metadata)
}
