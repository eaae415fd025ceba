import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unifiedDiff } from '../../src/machinery/index.js'

const lines = (...each: (string | number)[]) => each.join('\n')
const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe('a unified diff', () => {
  it.each([
    ['is empty for equal texts', lines('a', 'b'), lines('a', 'b'), ''],
    ['shows a changed line', lines('a', 'b', 'c'), lines('a', 'x', 'c'), '@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n'],
    ['shows three lines around a change', lines(...count(1, 9)), lines(...count(1, 4), ...count(6, 9)), '@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n'],
    ['names a single line without its count', 'a', 'b', '@@ -1 +1 @@\n-a\n+b\n'],
    ['adds at the end', lines('a'), lines('a', 'b'), '@@ -1 +1,2 @@\n a\n+b\n'],
    ['adds at the start', lines('b'), lines('a', 'b'), '@@ -1 +1,2 @@\n+a\n b\n'],
    [
      'keeps near changes in one hunk',
      lines('x', ...count(1, 6), 'x'),
      lines('y', ...count(1, 6), 'y'),
      '@@ -1,8 +1,8 @@\n-x\n+y\n 1\n 2\n 3\n 4\n 5\n 6\n-x\n+y\n',
    ],
    [
      'parts distant ones',
      lines('x', ...count(1, 7), 'x'),
      lines('y', ...count(1, 7), 'y'),
      '@@ -1,4 +1,4 @@\n-x\n+y\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-x\n+y\n',
    ],
  ])('%s', (_what, before, after, expected) => {
    expect(unifiedDiff(before, after)).toBe(expected)
  })

  it('turns the one text into the other', () => {
    const text = fc.array(fc.constantFrom('{', '}', 'a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 }).map((each) => each.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff(before, after))).toBe(after)
      }),
    )
  })

  it('takes bounded time, whatever the texts', () => {
    const shuffled = (size: number) => count(1, size).sort((one, other) => ((one * 7919) % 1999) - ((other * 7919) % 1999))
    const start = performance.now()
    for (const size of [1999, 100_000]) {
      const [before, after] = [lines(...count(1, size)), lines(...shuffled(size))]
      expect(patched(before, unifiedDiff(before, after))).toBe(after)
    }
    unifiedDiff('{\n'.repeat(1990), `}\n${'{\n'.repeat(1980)}`)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

/** Applies a diff as `patch` would, and minds every line it is told. */
function patched(text: string, diff: string): string {
  const before = text.split('\n')
  const after: string[] = []
  let at = 0
  for (const line of diff.split('\n').slice(0, -1)) {
    const head = /^@@ -(\d+)(?:,(\d+))? /.exec(line)
    if (head) {
      const start = head[2] === '0' ? Number(head[1]) : Number(head[1]) - 1
      after.push(...before.slice(at, start))
      at = start
      continue
    }
    if (line[0] !== '+' && before[at++] !== line.slice(1)) throw new Error(`the text has no such line ${at}: ${line}`)
    if (line[0] !== '-') after.push(line.slice(1))
  }
  return [...after, ...before.slice(at)].join('\n')
}
