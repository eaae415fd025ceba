// What is applied may be JSON or YAML: whichever reader it comes to, it says the same.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPatch } from '../../../src/http/body/request-body.js'
import { parseYAML } from '../../../src/http/body/yaml-body.js'

describe('an applied configuration that is JSON', () => {
  it('says what a reader of YAML finds in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })),
        fc.constantFrom(undefined, 2, '\t'),
        async (value, indent) => {
          const text = JSON.stringify(value, undefined, indent)
          const found = parseYAML(text)
          if ('error' in found) await expect(readPatch(Buffer.from(text), 'apply')).rejects.toThrow()
          else expect((await readPatch(Buffer.from(text), 'apply')).value).toEqual(found.value)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('has its repeated keys and its fractions told in the words of YAML', async () => {
    expect(await readPatch(Buffer.from('{"a": 1,\n"a": 2}'), 'apply')).toMatchObject({ value: { a: 2 }, problems: ['line 2: key "a" already set in map'] })
    expect(await readPatch(Buffer.from('{"a": 1.0}'), 'apply')).toMatchObject({ value: { a: 1 } })
    await expect(readPatch(Buffer.from('{"a": '), 'apply')).rejects.toMatchObject({ status: { message: expect.stringContaining('error decoding YAML') } })
  })
})
