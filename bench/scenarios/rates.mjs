// What many scenarios have in common: answers a second, of our server, of the limit and of another server by turns.
import { load } from '../client/load.mjs'

// A server that was just started compiles what it does often; that is over when rounds begin.
const warmUpSeconds = 1.5

/**
 * @param lanes for each lane `{ server, request }`; an absent one is passed by
 * @returns answers a second in each round, for each lane
 */
export async function rates(stand, lanes, { connections = 32 } = {}) {
  const present = Object.entries(lanes).filter(([, lane]) => lane)
  const next = new Map()
  const measure = async ({ server, request }, seconds) => {
    const { rate, next: index } = await load(server, { request, seconds, connections, first: next.get(request) ?? 0 })
    // Changes go on where the last round ended: one that is repeated would change nothing.
    next.set(request, index)
    return rate
  }
  for (const [, lane] of present) await measure(lane, Math.min(warmUpSeconds, stand.seconds))
  return stand.byTurns(Object.fromEntries(present.map(([name, lane]) => [name, () => measure(lane, stand.seconds)])))
}
