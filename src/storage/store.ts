// The log and what follows from it: the whole interface of the store.
import type { KubeObject, ObjectKey } from '../machinery/index.js'

/** One object at one revision, with the bytes that serve the log, reads and watchers alike. */
export interface Stored {
  /** Key of the stored definition: `v1/pods`. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  /** The object's resourceVersion. */
  readonly revision: number
  /** Never changed. */
  readonly object: KubeObject
  /** The object as JSON without a line end. */
  readonly json: Buffer
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One row of the log. The `stored` of a deletion is the last state at the revision of the deletion. */
export interface WatchEvent {
  readonly type: WatchEventType
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stored: Stored
  readonly old: Stored | undefined
}

/** `object.metadata.resourceVersion` must be the revision the write will have: `nextRevision` for the first of a batch, and so on. */
export interface Write {
  readonly type: WatchEventType
  readonly resource: string
  readonly key: ObjectKey
  readonly object: KubeObject
}

export type AppendResult = { appended: readonly WatchEvent[] } | { refused: 'exists' | 'absent' | 'too large'; write: Write }

/** Bytes of JSON one object may have. Upstream: etcd's --max-request-bytes, which counts protobuf. */
export const objectBytesMax = 1.5 * 1024 * 1024

export type StoreListener = (event: WatchEvent) => void

export interface Store {
  readonly revision: number
  readonly nextRevision: number
  /** The newest revision that can no longer be watched from. */
  readonly compactedRevision: number
  get(resource: string, key: ObjectKey): Stored | undefined
  /** In key order, `namespace/name` bytewise. The array is the caller's. */
  list(resource: string, namespace?: string): Stored[]
  count(resource: string): number
  /** What `list` answered at an earlier revision, or `compacted`. */
  listAt(revision: number, resource: string, namespace?: string): Stored[] | 'compacted'
  /** All rows after a revision, oldest first, or `compacted`. */
  after(revision: number): readonly WatchEvent[] | 'compacted'
  /** All writes or none, in one transaction; listeners are told before it returns. */
  append(writes: readonly Write[]): AppendResult
  /** Runs many appends in one transaction of the file. */
  batch<Result>(work: () => Result): Result
  /** @returns a function that ends the subscription */
  watch(listener: StoreListener): () => void
  close(): void
}
