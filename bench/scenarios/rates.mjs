// What many scenarios have in common: answers a second, of our server, of the limit and of another server by turns.
import { load } from '../client/load.mjs'
import { cpuMicros } from '../measuring/process-stats.mjs'
import { row } from '../measuring/rows.mjs'

// A server that was just started compiles what it does often; that is over when rounds begin.
const warmUpSeconds = 1.5

/**
 * @param lanes for each lane `{ server, request }`; an absent one is passed by
 * @returns for each lane what its rounds gave: `rate`, answers a second, and `cpu`, the microseconds of CPU time each took of a server that is ours to watch
 */
export async function rates(stand, lanes, { connections = 32 } = {}) {
  const present = Object.entries(lanes).filter(([, lane]) => lane)
  const next = new Map()
  const measure = async ({ server, request }, seconds) => {
    const before = cpuMicros(server)
    const { rate, count, next: index } = await load(server, { request, seconds, connections, first: next.get(request) ?? 0 })
    // Changes go on where the last round ended: one that is repeated would change nothing.
    next.set(request, index)
    return { rate, cpu: (cpuMicros(server) - before) / count }
  }
  for (const [, lane] of present) await measure(lane, Math.min(warmUpSeconds, stand.seconds))
  return stand.byTurns(Object.fromEntries(present.map(([name, lane]) => [name, () => measure(lane, stand.seconds)])))
}

/** @param ours what `rates` gave for a lane; so `limit` and `against` */
export function rateRow({ what, ours, limit, against, must }) {
  const [rate, cpu] = ['rate', 'cpu'].map((figure) => (samples) => samples?.map((sample) => sample[figure]))
  return row({ what, unit: '/s', ours: rate(ours), limit: rate(limit), against: rate(against), must, cpu: { ours: cpu(ours), limit: cpu(limit) } })
}
