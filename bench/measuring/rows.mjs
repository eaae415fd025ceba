// A row: one figure with all its rounds, its limit, perhaps another server, and what it must reach.
import { summary } from './rounds.mjs'

/**
 * @param ours what each round gave; so `limit` and `against`, which may be absent
 * @param unit `/s`, `ms`, `s`, `MiB`, `%`, or nothing for counts
 * @param cpu microseconds of CPU time each answer took of the server: `ours`, `limit`
 * @param must what is demanded: `figure`, `ratio` to the limit, `against` the other server; each `{ atLeast }` or `{ atMost }`
 */
export function row({ what, unit = '', ours, limit, against, must = {}, cpu = {} }) {
  const made = {
    what,
    unit,
    ours: summary(ours),
    limit: limit && summary(limit),
    ratio: limit && ratios(ours, limit),
    against: against && summary(against),
    ratioAgainst: against && ratios(ours, against),
    cpu: { ours: cpu.ours && summary(cpu.ours), limit: cpu.limit && summary(cpu.limit) },
  }
  return { ...made, must: demands(must, made) }
}

/** Round by round: what the machine did in a round befell both. */
function ratios(ours, others) {
  return summary(ours.map((figure, round) => figure / others[Math.min(round, others.length - 1)]))
}

function demands(must, { ours, ratio, ratioAgainst }) {
  const found = { figure: ours, ratio, against: ratioAgainst }
  return Object.entries(must).flatMap(([of, { atLeast, atMost }]) => {
    const value = found[of]?.median
    if (value === undefined) return []
    return [{ of, atLeast, atMost, isReached: atLeast === undefined ? value <= atMost : value >= atLeast }]
  })
}
