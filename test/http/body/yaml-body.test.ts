import { describe, expect, it, test } from 'vitest'
import { duplicateKeysProblem, parseYAML, parseYAMLDocuments, unrecognizedYAMLBody } from '../../../src/http/body/yaml-body.js'

const parsedValue = (text: string) => {
  const parsed = parseYAML(text)
  return 'error' in parsed ? parsed : parsed.value
}

describe('a YAML body', () => {
  test.each<[string, unknown]>([
    ['apiVersion: v1\nkind: ConfigMap\ndata:\n  k: v\n', { apiVersion: 'v1', kind: 'ConfigMap', data: { k: 'v' } }],
    ['a: 0644\nb: 0x1F\nc: 0o17\nd: 1_000\ne: -0b11\nf: 08', { a: 420, b: 31, c: 15, d: 1000, e: -3, f: 8 }],
    ['a: yes\nb: Off\nc: y\nd: "yes"\ne: TRUE', { a: true, b: false, c: true, d: 'yes', e: true }],
    ['yes: 1\nn: 2\n3: x\n', { true: 1, false: 2, 3: 'x' }],
    ['a: 2026-01-02\nb: 2026-01-02T03:04:05Z\nc: 12:30', { a: '2026-01-02', b: '2026-01-02T03:04:05Z', c: '12:30' }],
    ['a: ~\nb:\nc: null', { a: null, b: null, c: null }],
    ['a: 1.5\nb: .5\nc: 1e3\nd: 80.0\ne: 1.2.3', { a: 1.5, b: 0.5, c: 1000, d: 80, e: '1.2.3' }],
    ['base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n', { base: { x: 1, z: 2 }, use: { x: 1, z: 3 } }],
    ['a: !!str 5\nb: !!int "5"\nc: !!binary aGk=', { a: '5', b: 5, c: 'hi' }],
    ['{"a": [1, true, null, "x"]}', { a: [1, true, null, 'x'] }],
    ['a: 1\n---\nb: 2\n', { a: 1 }],
    ['', null],
    ['a: |\n  x\n   y\nb: >\n  p\n  q\n', { a: 'x\n y\n', b: 'p q\n' }],
  ])('%j is read as YAML 1.1', (text, expected) => {
    expect(parsedValue(text)).toEqual(expected)
  })

  test.each([
    ['not: [valid', "yaml: line 1: did not find expected ',' or ']'"],
    ['{a: 1', "yaml: line 1: did not find expected ',' or '}'"],
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['x: 1\na: b: c', 'yaml: line 2: mapping values are not allowed in this context'],
    ['@x', 'yaml: found character that cannot start any token'],
    ['a: *x', "yaml: unknown anchor 'x' referenced"],
    ['a: .nan', 'json: unsupported value: NaN'],
    ['a: &a [*a]', 'yaml: anchor value contains itself'],
    ['? [a]\n: b', expect.stringContaining('unsupported map key')],
  ])('%j is refused', (text, error) => {
    expect(parsedValue(text)).toEqual({ error })
  })

  it('tells of keys given twice, and where', () => {
    const parsed = parseYAML('a: 1\nb:\n  c: 1\n  c: 2\na: 3\nlist:\n- x: 1\n- x: 1\n')
    expect(parsed).toEqual({
      value: { a: 3, b: { c: 2 }, list: [{ x: 1 }, { x: 1 }] },
      duplicateKeys: ['line 4: key "c" already set in map', 'line 5: key "a" already set in map'],
    })
    expect(duplicateKeysProblem(['line 5: key "a" already set in map'])).toBe('yaml: unmarshal errors:\n  line 5: key "a" already set in map')
  })

  it('may be one of several documents', () => {
    expect(parseYAMLDocuments('a: 1\n---\n---\nb: 2\nb: 3\n')).toEqual([
      { value: { a: 1 }, duplicateKeys: [] },
      { value: null, duplicateKeys: [] },
      { value: { b: 3 }, duplicateKeys: ['line 5: key "b" already set in map'] },
    ])
  })

  it('is refused when its aliases or its nesting have no end', () => {
    const laughs = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]']
    for (let level = 1; level < 12; level++)
      laughs.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(',')}]`,
      )
    const started = performance.now()
    expect(parsedValue(laughs.join('\n'))).toEqual({ error: 'yaml: document contains excessive aliasing' })
    expect(parsedValue('['.repeat(10_000))).toEqual({ error: expect.stringContaining('exceeded max depth') })
    expect(parsedValue(`${'- '.repeat(10_000)}x`)).toEqual({ error: expect.stringContaining('exceeded max depth') })
    const ladder = ['a0: &a0 x']
    for (let level = 1; level < 3000; level++) ladder.push(`a${level}: &a${level} [*a${level - 1}]`)
    expect(parsedValue(ladder.join('\n'))).toEqual({ error: 'exceeded max depth' })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('keeps __proto__ as an ordinary key', () => {
    const value = parsedValue('__proto__: {polluted: true}\nmerged:\n  <<: {__proto__: {polluted: true}}\n') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'merged'])
    expect((value.merged as { polluted?: boolean }).polluted).toBeUndefined()
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('is shown in the refusal', () => {
    expect(unrecognizedYAMLBody('Pod', 'yaml: x', Buffer.from('junk')).message).toBe(
      'the object provided is unrecognized (must be of type Pod): yaml: x (6a756e6b)',
    )
  })
})
