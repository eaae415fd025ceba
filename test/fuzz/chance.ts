// Chance of one request: it follows from the seed of the run and the request's number alone, so that each can be made again by itself.
import { type Chance, chanceOf } from '../support/chance.js'

export type { Chance } from '../support/chance.js'

export function chanceFor(seed: number, index: number): Chance {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return chanceOf((mixed ^ (mixed >>> 16)) >>> 0)
}

export const oneOf = <Value>(values: readonly Value[], next: Chance): Value => values[next(values.length)]

/** True in so many of a hundred cases. */
export const happens = (percent: number, next: Chance): boolean => next(100) < percent
