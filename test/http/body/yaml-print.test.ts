import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseYAML } from '../../../src/http/body/yaml-body.js'
import { compareKeys, printYAML } from '../../../src/http/body/yaml-print.js'

describe('an answer in YAML', () => {
  test.each<[unknown, string]>([
    [{ kind: 'A', apiVersion: 'v1' }, 'apiVersion: v1\nkind: A\n'],
    [{ a: { '.': {}, 'f:k': {} }, items: [] }, 'a:\n  .: {}\n  f:k: {}\nitems: []\n'],
    [{ list: [{ b: 1, a: [1, [2, 3]] }, 'x', null, true] }, 'list:\n- a:\n  - 1\n  - - 2\n    - 3\n  b: 1\n- x\n- null\n- true\n'],
    [{ a: 'true', b: '1', c: '', d: '2026-01-02T03:04:05Z', e: '12:30', f: 'y' }, 'a: "true"\nb: "1"\nc: ""\nd: "2026-01-02T03:04:05Z"\ne: "12:30"\nf: "y"\n'],
    [
      { a: 'x: y', b: '#c', c: 'a #b', d: "it's", e: "'q'", f: 'http://x:1/y', g: '- x', h: '*', i: 'a:' },
      "a: 'x: y'\nb: '#c'\nc: 'a #b'\nd: it's\ne: '''q'''\nf: http://x:1/y\ng: '- x'\nh: '*'\ni: 'a:'\n",
    ],
    [{ a: 'x\ny\n', b: 'x\ny', c: 'x\n\n', d: ' x\ny', e: 'x \ny' }, 'a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2-\n   x\n  y\ne: "x \\ny"\n'],
    [{ a: 'tab\there', b: 'é ☃ 𝄞', c: ' lead' }, 'a: "tab\\there"\nb: é ☃ 𝄞\nc: \' lead\'\n'],
    [{ a: 1.5, b: -3, c: undefined }, 'a: 1.5\nb: -3\n'],
    [{}, '{}\n'],
  ])('%j is printed as upstream prints it', (value, expected) => {
    expect(printYAML(value)).toBe(expected)
  })

  it('folds long text at the first space beyond column 80', () => {
    const text =
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'
    expect(printYAML({ metadata: { annotations: { 'kubernetes.io/description': text } } }).split('\n')).toEqual([
      'metadata:',
      '  annotations:',
      '    kubernetes.io/description: Contains a CA bundle that can be used to verify the',
      '      kube-apiserver when using internal endpoints such as the internal service IP',
      '      or kubernetes.default.svc. No other usage is guaranteed across distributions',
      '      of Kubernetes clusters.',
      '',
    ])
  })

  it('sorts numbers in keys as numbers and letters last', () => {
    expect(['b', 'a10', 'a2', 'f:x', '.', 'A', 'a-b', 'ab', 'k:{"a":1}'].sort(compareKeys)).toEqual([
      '.',
      'A',
      'a-b',
      'a2',
      'a10',
      'ab',
      'b',
      'f:x',
      'k:{"a":1}',
    ])
  })

  it('is read back as what it was', () => {
    const returns = (value: unknown) => {
      const parsed = parseYAML(printYAML(value))
      expect(parsed).toEqual({ value, duplicateKeys: [] })
    }
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[ \n:#'"a-z-]{0,120}$/), fc.constantFrom('yes', '~', '0x1', '1e3', '<<', '---', '=', 'null'))
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(text, tie('node'), { maxKeys: 4 }),
      ),
    })).node
    fc.assert(fc.property(fc.dictionary(text, tree, { maxKeys: 5, noNullPrototype: true }), returns), { numRuns: 300 })
  })
})
