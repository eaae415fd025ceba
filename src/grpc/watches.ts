// The method Watch of every service.
import { status as codes, type ServerWritableStream } from '@grpc/grpc-js'
import type { KubeObject, Plain, Status } from '../machinery/index.js'
import { type Call, type Notice, type ReadOptions, type Realm, viewOf, watch } from '../registry/index.js'
import { callError, trailersOf } from './call-errors.js'
import { eventNumbers } from './enum-words.js'
import type { Messages } from './messages.js'
import type { ObjectForm } from './object-form.js'
import { pendingBytesMax, WatchSender } from './watch-sender.js'

// Upstream: apiserver/pkg/storage/cacher defaultBookmarkFrequency
const bookmarkMillis = 60_000
const timeoutSecondsMax = 24 * 3600

export interface OpenWatch {
  realm: Realm
  messages: Messages
  form: ObjectForm
  /** Key of the message of an event. */
  response: string
  call: Call
  options: ReadOptions
  warnings: readonly string[]
  recent: RecentMessages
  onEvent?(call: Call): void
}

/** Messages of the event that is being told, by their type: the readers of one event are told one after the other. */
export class RecentMessages {
  #stored: unknown
  readonly #messages = new Map<string, Buffer>()

  message(stored: unknown, key: string, make: () => Buffer): Buffer {
    if (this.#stored !== stored) {
      this.#stored = stored
      this.#messages.clear()
    }
    let message = this.#messages.get(key)
    if (!message) {
      message = make()
      this.#messages.set(key, message)
    }
    return message
  }
}

/** @throws {StatusError} what is answered instead of a stream */
export function serveWatch(stream: ServerWritableStream<Buffer, Buffer>, open: OpenWatch): WatchSender {
  const { realm, call, options } = open
  const watching = watch(realm, call, options)
  // Clients wait for the metadata before they count the watch as begun. Trailers come too late for warnings.
  stream.sendMetadata(trailersOf(open.warnings))
  let failure: Status | undefined
  const sender = new WatchSender({
    pendingBytesMax,
    onEvent: () => open.onEvent?.(call),
    encode(notice) {
      if (notice.type === 'ERROR') failure = notice.status
      return encodeNotice(open, notice)
    },
    sink: {
      write: (message, taken) => void stream.write(message, (error?: Error | null) => !error && taken()),
      end: () => (failure ? stream.emit('error', callError(open.messages, failure)) : stream.end()),
      cutOff: () => stream.emit('error', { code: codes.RESOURCE_EXHAUSTED, details: slowReader }),
    },
  })
  stream.on('cancelled', () => sender.abandon())
  stream.on('close', () => sender.abandon())
  sender.begin(watching.backlog)
  if (watching.backlog.at(-1)?.type === 'ERROR') sender.close()
  else sender.onClose(watching.start((notice) => sender.notify(notice)))
  endInTime(sender, options)
  if (options.allowWatchBookmarks) keepBookmarking(realm, sender, Number(options.resourceVersion) || realm.store.revision)
  return sender
}

const slowReader = 'the watch was cut off: too many events wait for its reader, which may resume from the last resourceVersion it has seen'

function endInTime(sender: WatchSender, { timeoutSeconds }: ReadOptions): void {
  if (!timeoutSeconds) return
  const timer = setTimeout(() => sender.close(), Math.min(Math.max(timeoutSeconds, 0), timeoutSecondsMax) * 1000)
  sender.onClose(() => clearTimeout(timer))
}

/** Says now and then how far the reader is, when there is something to say. */
function keepBookmarking(realm: Realm, sender: WatchSender, from: number): void {
  let told = from
  const timer = setInterval(() => {
    if (realm.store.revision === told) return
    told = realm.store.revision
    sender.notify({ type: 'BOOKMARK', revision: told, isInitialEnd: false })
  }, bookmarkMillis)
  timer.unref()
  sender.onClose(() => clearInterval(timer))
}

function encodeNotice({ messages, form, response, call, recent }: OpenWatch, notice: Notice): Buffer {
  const encode = (rest: Plain, sizeHint?: number) => messages.encode(response, { type: eventNumbers[notice.type], ...rest }, sizeHint)
  if (notice.type === 'ERROR') return encode({ status: notice.status })
  if (notice.type === 'BOOKMARK') return encode({ object: form.show(bookmarkOf(call, notice)) })
  const { stored } = notice
  const key = `${notice.type} ${response} ${call.definition.key}`
  return recent.message(stored, key, () => encode({ object: form.show(viewOf(call.definition, stored).object) }, stored.size + 64))
}

function bookmarkOf({ definition }: Call, { revision, isInitialEnd }: { revision: number; isInitialEnd: boolean }): KubeObject {
  const annotations = isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}
  return definition.emptyObject({ resourceVersion: String(revision), ...annotations })
}
