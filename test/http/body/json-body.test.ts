import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseJSONBody, summarize, unrecognizedBody } from '../../../src/http/body/json-body.js'
import { describeJSONError } from '../../../src/machinery/index.js'

const parse = (text: string) => parseJSONBody(Buffer.from(text))

describe('a JSON body', () => {
  test.each([
    ['{"a":1}', {}],
    ['{"a":"b:c{[,.e"}', {}],
    ['{"data":{"a":"1","a":"2"}}', { problems: ['duplicate field "data.a"'] }],
    ['{"a":1,"a":2,"a":3}', { problems: ['duplicate field "a"'] }],
    ['{"spec":{"ports":[{"port":1},{"port":1, "port" : 2}]}}', { problems: ['duplicate field "spec.ports[1].port"'] }],
    ['{"a":{"\\u0062":1,"b":2}}', { problems: ['duplicate field "a.b"'] }],
    ['{"__proto__":1,"__proto__":2}', { problems: ['duplicate field "__proto__"'] }],
    ['{"port":80.0}', { fractions: [{ path: ['port'], text: '80.0' }] }],
    ['{"ports":[1,{"port":8e1}]}', { fractions: [{ path: ['ports', 1, 'port'], text: '8e1' }] }],
    ['{"a":0.5,"b":true,"c":"1e1"}', {}],
    [' [1,2]\n', {}],
    ['null', {}],
  ])('%s is read as upstream reads it', (text, expected) => {
    expect(parse(text)).toEqual({ value: JSON.parse(text), ...expected })
  })

  test.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['nope', "invalid character 'o' in literal null (expecting 'u')"],
    ['not json', "invalid character 'o' in literal null (expecting 'u')"],
    ['hello', "invalid character 'h' looking for beginning of value"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{} {}', "invalid character '{' after top-level value"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['"\\q"', "invalid character 'q' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
  ])('%j is refused: %s', (text, error) => {
    expect(parse(text)).toEqual({ error })
  })

  it('names bytes that are no text', () => {
    expect(parseJSONBody(Buffer.from([0x81]))).toEqual({ error: "invalid character '\\u0081' looking for beginning of value" })
  })

  it('is refused at once when it is nested too deeply', () => {
    const started = performance.now()
    for (const text of ['['.repeat(1_000_000), `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, `${'['.repeat(10_000)}${']'.repeat(10_000)}`]) {
      expect(parse(text)).toEqual({ error: 'exceeded max depth' })
    }
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('costs little however often a key is repeated', () => {
    const started = performance.now()
    const parsed = parse(`${'{"a":'.repeat(900)}{${'"k":1,'.repeat(300_000)}"k":1}${'}'.repeat(900)}`)
    expect('problems' in parsed && parsed.problems).toHaveLength(1)
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('keeps __proto__ as an ordinary key', () => {
    const parsed = parse('{"__proto__":{"polluted":true}}')
    expect('value' in parsed && Object.keys(parsed.value as object)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('is shown in the refusal, the beginning of it', () => {
    expect([summarize(Buffer.from('')), summarize(Buffer.from('{"a":')), summarize(Buffer.from('junk')), summarize(Buffer.from(`{${'a'.repeat(40)}`))]).toEqual(
      ['<empty>', '{"a":', '6a756e6b', `{${'a'.repeat(29)} ...`],
    )
    expect(unrecognizedBody('Pod', 'unexpected end of JSON input', Buffer.from(''))).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message: "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    })
  })

  it('has no problems when it was printed from an object', () => {
    const isClean = (text: string) => describeJSONError(Buffer.from(text)) === undefined && !('problems' in parse(text))
    fc.assert(fc.property(fc.json(), isClean))
  })
})
