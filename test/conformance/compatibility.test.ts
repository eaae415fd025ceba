import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

// The page itself is held to what the script makes with all other generated files.
const { differencesOf, sortedKinds, whoWouldAct } = await import(join(import.meta.dirname, '..', '..', 'scripts', 'compatibility.mjs'))

describe('the page on compatibility', () => {
  it('says of every kind that is plain data who would act on it, and of no other', async () => {
    const { plain } = (await sortedKinds()) as { plain: { kind: string }[] }
    expect(Object.keys(whoWouldAct).sort()).toEqual(plain.map(({ kind }) => kind).sort())
  })

  it.each([
    ['a line', '// Differs: nothing lags.', ['Nothing lags.']],
    ['lines that go on', '// Differs: nothing lags\n//   behind here.\nconst one = 1', ['Nothing lags behind here.']],
    ['a comment in one line, with what it speaks of', '  /** All together. Differs: upstream has more. */\n  // More.', ['All together. Upstream has more.']],
    ['a paragraph before it', '/**\n * First.\n *\n * It is\n * so. Differs: not there.\n * @param one\n */', ['It is so. Not there.']],
    ['no more than its paragraph', '// Differs: here.\n// Upstream: pkg/there.go\n//\n// Else.', ['Here.']],
    ['each of two', '// Differs: one.\n// Differs: two.', ['One.', 'Two.']],
    ['no code', "const text = 'Differs: not'", []],
  ])('takes from the sources %s', (_what, text, expected) => {
    expect(differencesOf(text)).toEqual(expected)
  })
})
