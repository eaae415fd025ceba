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

export function judge(outcomes: readonly Outcome[], known: readonly KnownDifference[]): Verdict {
  const expected = new Set(known.map(({ check }) => check))
  const isDifferent = ({ differences }: Outcome) => differences.length > 0
  const outdated = outcomes.filter((outcome) => !isDifferent(outcome) && expected.has(outcome.check))
  return {
    passed: outcomes.filter((outcome) => !isDifferent(outcome) && !expected.has(outcome.check)),
    known: outcomes.filter((outcome) => isDifferent(outcome) && expected.has(outcome.check)),
    failed: [
      ...outcomes.filter((outcome) => isDifferent(outcome) && !expected.has(outcome.check)),
      ...outdated.map(({ check }) => ({ check, differences: [': listed as a known difference, but identical by now'] })),
    ],
  }
}
