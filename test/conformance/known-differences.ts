// KnownDifferences: the checks that are known to fail, each with its reason. The list is held to be true: an entry that
// has become identical is a failure as well.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './outcome.js'

export interface KnownDifference {
  check: string
  reason: string
}

export function readKnownDifferences(): KnownDifference[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'known-differences.json'), 'utf8')) as KnownDifference[]
}

/** Outcomes told apart by what was expected of them. */
export interface Verdict {
  passed: readonly Outcome[]
  known: readonly Outcome[]
  failed: readonly Outcome[]
}

/** @param isComplete whether all checks have run, so that an entry which names none of them is out of date */
export function judge(outcomes: readonly Outcome[], known: readonly KnownDifference[], { isComplete }: { isComplete: boolean }): Verdict {
  const expected = new Set(known.map(({ check }) => check))
  const made = new Set(outcomes.map(({ check }) => check))
  const isDifferent = ({ differences }: Outcome) => differences.length > 0
  const identical = outcomes.filter((outcome) => !isDifferent(outcome) && expected.has(outcome.check))
  const unmade = isComplete ? known.filter(({ check }) => !made.has(check)) : []
  return {
    passed: outcomes.filter((outcome) => !isDifferent(outcome) && !expected.has(outcome.check)),
    known: outcomes.filter((outcome) => isDifferent(outcome) && expected.has(outcome.check)),
    failed: [
      ...outcomes.filter((outcome) => isDifferent(outcome) && !expected.has(outcome.check)),
      ...identical.map(({ check }) => ({ check, differences: [': listed as a known difference, but identical by now'] })),
      ...unmade.map(({ check }) => ({ check, differences: [': listed as a known difference, but there is no such check'] })),
    ],
  }
}
