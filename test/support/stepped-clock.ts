// A clock whose time of day can be set while its timers run on, as a machine's do.
import { ManualClock } from '../../src/cluster/manual-clock.js'

export class SteppedClock extends ManualClock {
  /** How far the time of day is from what the timers go by. */
  aheadMillis = 0

  override now(): number {
    return super.now() + this.aheadMillis
  }

  override get nextDue(): number | undefined {
    const due = super.nextDue
    return due === undefined ? undefined : due + this.aheadMillis
  }
}
