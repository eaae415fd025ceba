// Watches on connections: chunked HTTP and WebSocket, with bookmarks and a time to end.
// Upstream: apiserver/pkg/endpoints/handlers/watch.go
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { parseFieldSelector, StatusError, status } from '../machinery/index.js'
import { type Call, type Realm, type Watching, watch } from '../registry/index.js'
import { isHTTP2 } from './connections.js'
import { commonHeaders, type Exchange } from './exchange.js'
import { listOptions, type ReadOptions } from './query.js'
import type { EncodeContext } from './reply.js'
import { joinedFrame, RecentFrames, watchEncoder } from './watch-encoder.js'
import { type FrameSink, pendingBytesMax, WatchStream } from './watch-stream.js'

// Upstream: --min-request-timeout; a watch without a time of its own ends somewhere between it and twice it.
const defaultTimeoutSeconds = 2700
const timeoutSecondsMax = 24 * 3600
// Upstream: apiserver/pkg/storage/cacher defaultBookmarkFrequency, and bookmarks shortly before the end.
const bookmarkMillis = 60_000
const lastBookmarkMillis = 2_000

export interface OpenWatches {
  /** All open streams, for a courteous end of the server. */
  readonly streams: Set<WatchStream>
  onEvent?(call: Call): void
  /** Shared by all streams; made with the first one. */
  recent?: RecentFrames
}

/** Everything a watch needs before its first byte. @throws {StatusError} what is answered instead of a stream */
export function openWatch(realm: Realm, exchange: Exchange, call: Call): { watching: Watching; options: ReadOptions } {
  const checked = listOptions(exchange.query, true)
  if ('refused' in checked) throw new StatusError(checked.refused)
  const options = { ...checked.options, ...nameSelector(call, checked.options) }
  return { watching: watch(realm, { ...call, name: '' }, options), options }
}

/** A watch of one name is a watch of the collection with a field selector. Upstream: apiserver/pkg/endpoints/handlers/get.go ListResource */
function nameSelector({ name }: Call, { fieldSelector }: ReadOptions): Partial<ReadOptions> {
  if (!name) return {}
  if (!fieldSelector) return { fieldSelector: `metadata.name=${name}` }
  const parsed = parseFieldSelector(fieldSelector)
  const isOfName =
    'error' in parsed || parsed.requirements.some(({ field, operator, value }) => field === 'metadata.name' && operator !== '!=' && value === name)
  if (!isOfName) throw new StatusError(status.badRequest("fieldSelector metadata.name doesn't match requested name"))
  return {}
}

export function serveHTTPWatch(open: OpenWatches, realm: Realm, exchange: Exchange, call: Call, context: EncodeContext): void {
  const opened = openWatch(realm, exchange, call)
  const { response } = exchange
  response.writeHead(200, { ...commonHeaders(exchange), 'Content-Type': context.representation.contentType })
  // Clients wait for the headers before they count the watch as started. Node would flush them as UTF-8.
  response.write('', 'latin1')
  const stream = run(open, realm, { ...opened, call, context, sink: responseSink(response, recentOf(open)), framing: 'stream' })
  response.on('close', () => stream.abandon())
  response.on('error', () => stream.abandon())
  if (!isHTTP2(exchange.request)) endWithClient(exchange.request.socket, response, stream)
}

/** Who has closed its half of a connection waits for nothing that is still to come. */
function endWithClient(socket: Socket, response: ServerResponse, stream: { abandon(): void }): void {
  const end = () => {
    stream.abandon()
    response.end()
  }
  if (socket.readableEnded) end()
  else socket.once('end', end)
  response.once('close', () => socket.off('end', end))
}

function responseSink(response: ServerResponse, recent: RecentFrames): FrameSink {
  return {
    write(frames, taken) {
      if (response.destroyed) return
      const whenTaken = taken && ((error?: Error | null) => void (error || taken()))
      // Node would frame the same chunk anew for each reader.
      const { socket } = response
      if (response.chunkedEncoding && socket) socket.write(recent.chunk(frames), whenTaken)
      else response.write(recent.joined(frames), whenTaken)
    },
    get pendingBytes() {
      return response.writableLength
    },
    end: () => void response.end(),
    destroy: () => void response.destroy(),
  }
}

export function serveWebSocketWatch(
  open: OpenWatches,
  realm: Realm,
  opened: ReturnType<typeof openWatch>,
  call: Call,
  context: EncodeContext,
  socket: WebSocket,
): void {
  const sink = socketSink(socket, context.representation.format !== 'protobuf')
  const stream = run(open, realm, { ...opened, call, context, sink, framing: 'message' })
  socket.on('close', () => stream.abandon())
  socket.on('error', () => stream.abandon())
}

/** Each event is one message. */
function socketSink(socket: WebSocket, isText: boolean): FrameSink {
  return {
    write(frames, taken) {
      frames.forEach((frame, index) => {
        const isLast = index === frames.length - 1
        socket.send(joinedFrame(frame), { binary: !isText }, (error) => isLast && !error && taken?.())
      })
    },
    get pendingBytes() {
      return socket.bufferedAmount
    },
    end: () => socket.close(1000),
    destroy: () => socket.terminate(),
  }
}

function recentOf(open: OpenWatches): RecentFrames {
  open.recent ??= new RecentFrames()
  return open.recent
}

interface Running {
  watching: Watching
  options: ReadOptions
  call: Call
  context: EncodeContext
  sink: FrameSink
  framing: 'stream' | 'message'
}

function run(open: OpenWatches, realm: Realm, { watching, options, call, context, sink, framing }: Running): WatchStream {
  const encoder = watchEncoder(context, recentOf(open), framing)
  const stream = new WatchStream({ sink, encoder, pendingBytesMax, onEvent: () => open.onEvent?.(call) })
  open.streams.add(stream)
  stream.onClose(() => open.streams.delete(stream))
  stream.begin(watching.backlog)
  if (stream.isClosed) return stream
  stream.onClose(watching.start((notice) => stream.notify(notice)))
  const seconds = Math.min(options.timeoutSeconds || defaultTimeoutSeconds, timeoutSecondsMax)
  if (options.allowWatchBookmarks) keepBookmarking(realm, stream, { from: Number(options.resourceVersion) || realm.store.revision, endMillis: seconds * 1000 })
  const timer = setTimeout(() => stream.close(), seconds * 1000)
  stream.onClose(() => clearTimeout(timer))
  return stream
}

/** Says now and then how far the reader is, when there is something to say. */
function keepBookmarking(realm: Realm, stream: WatchStream, { from, endMillis }: { from: number; endMillis: number }): void {
  let told = from
  const bookmark = () => {
    if (realm.store.revision === told) return
    told = realm.store.revision
    stream.notify({ type: 'BOOKMARK', revision: told, isInitialEnd: false })
  }
  const regular = setInterval(bookmark, bookmarkMillis)
  regular.unref()
  stream.onClose(() => clearInterval(regular))
  if (endMillis <= lastBookmarkMillis) return
  const last = setTimeout(bookmark, endMillis - lastBookmarkMillis)
  last.unref()
  stream.onClose(() => clearTimeout(last))
}
