// Rounds: each contender is measured in turn, again and again, so that what the machine does meanwhile meets all of them alike.

/**
 * @param lanes `{ ours, limit, against }`: how each is measured; one that is absent is passed by
 * @returns for each lane what its rounds gave
 */
export async function byTurns(rounds, lanes, onRound = () => {}) {
  const present = Object.entries(lanes).filter(([, measure]) => measure)
  const taken = Object.fromEntries(present.map(([lane]) => [lane, []]))
  for (let round = 0; round < rounds; round++) {
    onRound(round)
    for (const [lane, measure] of present) taken[lane].push(await measure(round))
  }
  return taken
}

/** One figure of rounds that gave several. */
export const only = (taken, figure) => Object.fromEntries(Object.entries(taken).map(([lane, samples]) => [lane, samples.map((sample) => sample[figure])]))

export function summary(samples) {
  const sorted = [...samples].sort((one, other) => one - other)
  return { min: sorted[0], median: median(sorted), max: sorted.at(-1), samples }
}

export function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** @param what is said when it does not come in time */
export async function within(millis, promise, what) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${millis / 1000} s: ${what}`)), millis)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
