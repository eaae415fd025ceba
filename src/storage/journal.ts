// Journal: where the rows of the log outlive the process. Without a file there is nothing to outlive it for, and no journal.
import type { KeptLines } from './kept-lines.js'
import type { Stored, WatchEvent, WatchEventType } from './store.js'

/** A row as it was written. */
export interface Row {
  readonly type: WatchEventType
  readonly revision: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly stored: Stored
}

export interface Journal {
  /** The newest revision whose history was forgotten in an earlier run. */
  readonly compacted: number
  /** All rows that are there, oldest first. @param lines of those who will read them @throws {SyntaxError} for what nobody wrote */
  rows(lines: KeptLines): Iterable<Row>
  /**
   * To be called when the rows are read, before anything is written: until then nothing of the file has changed.
   * @param newest the revision up to which they were read @throws {DataFileError}
   */
  own(newest: number): void
  /** Takes a row, at once or with the transaction around it. */
  write(event: WatchEvent): void
  /** Forgets rows. @param compacted the newest revision that is not retained now */
  forget(revisions: readonly number[], compacted: number): void
  /** Keeps all that is done within, or nothing when it throws. */
  transaction(work: () => void): void
  close(): void
}

export const noJournal: Journal = {
  compacted: 0,
  rows: () => [],
  own() {},
  write() {},
  forget() {},
  transaction: (work) => work(),
  close() {},
}
