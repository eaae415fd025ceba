// When what began at one time, and takes a while, is due; also by a clock that may have been set back meanwhile.

export interface Wait {
  /** All three in milliseconds; the times since the epoch. */
  begun: number
  wait: number
  now: number
}

/**
 * What began later than now began before the clock was set back. It comes at most as late again as it takes, and never later:
 * begun at 12:00:00, 5 s, and now 11:59:59: at 12:00:05; but now 11:00:00: at once.
 */
export function dueTime({ begun, wait, now }: Wait): number {
  return begun - now > wait ? now : begun + wait
}
