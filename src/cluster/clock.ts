// The machine's own clock.
import type { Clock } from '../machinery/index.js'

export const systemClock: Clock = {
  now: () => Date.now(),
  after(millis, work) {
    // Longer than a timer can count: wake up on the way and wait on.
    if (millis > timerMillisMax) return longTimer(millis, work)
    const timer = setTimeout(work, millis)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

const timerMillisMax = 2 ** 31 - 1

function longTimer(millis: number, work: () => void): () => void {
  let cancel = systemClock.after(timerMillisMax, () => {
    cancel = systemClock.after(millis - timerMillisMax, work)
  })
  return () => cancel()
}
