// The log and what follows from it: the whole interface of the store.
import type { KubeObject, ObjectKey } from '../machinery/index.js'
import type { ListRun } from './list-runs.js'

/** One object at one revision, with the bytes that serve the journal, reads and watchers alike. */
export interface Stored {
  /** Key of the stored definition: `v1/pods`. */
  readonly resource: string
  readonly namespace: string
  readonly name: string
  /** `namespace/name`, made once for all maps that hold it. */
  readonly path: string
  /** The object's resourceVersion. */
  readonly revision: number
  /** Never changed. */
  readonly object: KubeObject
  /** The object as a line of JSON, kept while it stands and there is room. */
  readonly line: Buffer
  /** The same as what costs least. */
  readonly printed: Buffer | string
  /** The same for who will not ask again: nothing is kept for it. */
  readonly printedOnce: Buffer | string
  /** What begins with it in lists. */
  readonly run: ListRun | undefined
  /** Keeps another run that begins with it, unless there is no room. @param fill makes it of so many bytes */
  keepRun(bytes: number, fill: (room: Buffer) => ListRun): ListRun | undefined
  /** Whether the line is there already. */
  readonly isPrinted: boolean
  /** How many bytes that has, more or less: known without making it. */
  readonly size: number
  /** Another state has taken its place: what was kept for those who would read it goes. */
  supersede(): void
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

/** A change of the snapshot: a row, or the opposite of one that the log did not keep. */
export type SnapshotChange = Pick<WatchEvent, 'type' | 'stored' | 'old'>

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
  listAt(revision: number, resource: string, namespace?: string): readonly Stored[] | 'compacted'
  /** All rows after a revision, oldest first, or `compacted`. */
  after(revision: number): readonly WatchEvent[] | 'compacted'
  /**
   * All writes or none, in one transaction; listeners are told before it returns.
   * @throws {DataFileError} when the file does not take it: then nothing has happened
   */
  append(writes: readonly Write[]): AppendResult
  /**
   * Runs many appends in one transaction of the file, so nobody outside may learn of them before it returns.
   * When it throws, for whatever reason, nothing of it has happened.
   * @throws {DataFileError} when the file does not take it; so do all appends of the batch after the first that failed
   */
  batch<Result>(work: () => Result): Result
  /** Told of what is in the file, in order. @returns a function that ends the subscription */
  watch(listener: StoreListener): () => void
  /** Told of every change of the snapshot at once, and of the opposite, newest first, when a batch fails. @returns as `watch` */
  follow(listener: (change: SnapshotChange) => void): () => void
  close(): void
}
