import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { judge, readKnownDifferences, type Verdict } from './known-differences.js'
import type { Outcome } from './outcome.js'

describe('known differences', () => {
  const known = [{ check: 'b', reason: 'because' }]
  const outcomes = (...different: string[]) => ['a', 'b'].map((check) => ({ check, differences: different.includes(check) ? [': differs'] : [] }))

  it.each([
    ['are no failure', ['b'], { passed: ['a'], known: ['b'], failed: [] }],
    ['excuse nothing else', ['a', 'b'], { passed: [], known: ['b'], failed: ['a'] }],
    ['fail once they are gone', [], { passed: ['a'], known: [], failed: ['b'] }],
  ])('%s', (_what, different, expected) => {
    const names = Object.entries(judge(outcomes(...different), known, { isComplete: true }) as Verdict).map(([name, list]: [string, readonly Outcome[]]) => [
      name,
      list.map(({ check }) => check),
    ])
    expect(Object.fromEntries(names)).toEqual(expected)
  })

  it.each([
    [true, ['gone']],
    [false, []],
  ])('fail once there is no such check, if all have run: %s', (isComplete, failed) => {
    const verdict = judge(outcomes('b'), [...known, { check: 'gone', reason: 'because' }], { isComplete })
    expect(verdict.failed.map(({ check }) => check).filter((check) => check !== 'a')).toEqual(failed)
  })

  it('are what the document on compatibility says, each with its reason', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md'), 'utf8')
    const [, section] = text.split('## Recorded answers that differ\n')
    const lines = section.split('\n## ')[0].match(/^- .*$/gm) ?? []
    expect(lines).toEqual(readKnownDifferences().map(({ check, reason }) => `- \`${check}\`: ${reason}`))
  })
})
