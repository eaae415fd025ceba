// Clock: time is handed in, so that tests can hold it and move it on.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `work` once. What waits here keeps no process alive. @returns a function that cancels */
  after(millis: number, work: () => void): () => void
}
