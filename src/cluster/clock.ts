// Time is handed in, so that tests can hold it and move it on.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** @returns a function that cancels */
  after(millis: number, work: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(millis, work) {
    const timer = setTimeout(work, millis)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
