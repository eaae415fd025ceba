import { describe, expect, it, test } from 'vitest'
import {
  compileLabelSelector,
  formatLabelMap,
  formatLabelSelector,
  formatRequirements,
  type LabelSelector,
  matchesMap,
  parseFieldSelector,
  parseLabelSelector,
  selectorLengthMax,
  unsupportedField,
  validateLabelSelector,
} from '../../src/machinery/index.js'
import { job } from '../../src/resources/batch/job.js'
import { configMap } from '../../src/resources/core/config-map.js'
import { pod } from '../../src/resources/core/pod.js'
import { resourceSlice } from '../../src/resources/resource/resource-slice.js'

describe('label selectors', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['', { any: 'thing' }, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'web', more: 'x' }, true],
    ['app=web', { app: 'db' }, false],
    ['app=web', {}, false],
    ['app!=web', { app: 'db' }, true],
    ['app!=web', {}, true],
    ['app=', { app: '' }, true],
    ['app in (a,b)', { app: 'b' }, true],
    ['app in (a, b)', { app: 'c' }, false],
    ['app in ()', { app: '' }, true],
    ['app in (,a)', { app: '' }, true],
    ['app notin (a,b)', {}, true],
    ['app notin (a,b)', { app: 'a' }, false],
    ['in in (in,notin)', { in: 'notin' }, true],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['! app , tier', { tier: 'x' }, true],
    ['cpu>4', { cpu: '5' }, true],
    ['cpu>4', { cpu: 'many' }, false],
    ['cpu<4', { cpu: '-1' }, true],
    ['cpu<4', {}, false],
    ['example.com/role=x', { 'example.com/role': 'x' }, true],
    ['toString', {}, false],
    ['hasOwnProperty', {}, false],
    [' \t\n', { a: 'b' }, true],
  ])('%j on %j is %s', (text, labels, expected) => {
    const parsed = parseLabelSelector(text)
    expect('error' in parsed ? parsed.error : parsed.matches(labels)).toBe(expected)
  })

  test.each([
    ['letter within (a)', "unable to parse requirement: found 'within', expected: in, notin, =, ==, !=, gt, lt"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['bad key=x', "unable to parse requirement: found 'key', expected: in, notin, =, ==, !=, gt, lt"],
    ['app=not ok!', "found 'ok', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (=', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['cpu>x', "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
  ])('%j cannot be read: %s', (text, error) => {
    expect(parseLabelSelector(text)).toEqual({ error })
  })

  it('names what is wrong with keys and values', () => {
    expect(parseLabelSelector('a_=x')).toEqual({
      error: expect.stringMatching(/^unable to parse requirement: <nil>: Invalid value: "a_": name part must consist of/),
    })
    expect(parseLabelSelector('a=-x')).toEqual({
      error: expect.stringMatching(/^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-x": a valid label must be/),
    })
  })

  it('refuses what is too long without reading it', () => {
    expect(parseLabelSelector('a,'.repeat(selectorLengthMax))).toEqual({ error: expect.stringContaining('too long') })
    expect(parseLabelSelector('('.repeat(selectorLengthMax))).toHaveProperty('error')
  })

  it('prints requirements as upstream does', () => {
    const parsed = parseLabelSelector('b==1,a in (y,x),!c,d,e!=2,f notin (q),g>3')
    expect('error' in parsed ? parsed : formatRequirements(parsed.requirements)).toBe('b==1,a in (x,y),!c,d,e!=2,f notin (q),g>3')
  })
})

describe('LabelSelector objects', () => {
  const selector: LabelSelector = { matchLabels: { tier: 'front' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['b', 'a'] }] }

  it('match when labels and expressions do', () => {
    const matches = compileLabelSelector(selector)
    expect([matches({ tier: 'front', app: 'a' }), matches({ tier: 'front' }), matches(undefined)]).toEqual([true, false, false])
    expect([compileLabelSelector(undefined)({}), compileLabelSelector({})({})]).toEqual([false, true])
  })

  it('are printed sorted by key', () => {
    expect(formatLabelSelector(selector)).toBe('app in (a,b),tier=front')
    expect(formatLabelSelector(undefined)).toBe('')
    expect(formatLabelMap({ b: '2', a: '1' })).toBe('a=1,b=2')
  })

  it('match plain maps pair by pair', () => {
    expect([matchesMap({ a: '1' }, { a: '1', b: '2' }), matchesMap({ a: '1' }, undefined), matchesMap({}, undefined)]).toEqual([true, false, true])
    expect(matchesMap({ toString: 'x' }, {})).toBe(false)
  })

  it('are validated field by field', () => {
    const errors = validateLabelSelector(
      {
        matchLabels: { 'bad key': 'ok', ok: 'bad value' },
        matchExpressions: [
          { key: 'a', operator: 'In' },
          { key: 'a', operator: 'Exists', values: ['x'] },
          { key: '', operator: 'Near' },
        ],
      },
      'spec.selector',
    )
    expect(errors.map(({ field, body }) => `${field}: ${body.slice(0, 60)}`)).toEqual([
      'spec.selector.matchLabels: Invalid value: "bad key": name part must consist of alphanum',
      'spec.selector.matchLabels: Invalid value: "bad value": a valid label must be an empty s',
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or",
      "spec.selector.matchExpressions[1].values: Forbidden: may not be specified when `operator` is 'Exists' ",
      'spec.selector.matchExpressions[2].operator: Invalid value: "Near": not a valid selector operator',
      'spec.selector.matchExpressions[2].key: Invalid value: "": name part must be non-empty',
      'spec.selector.matchExpressions[2].key: Invalid value: "": name part must consist of alphanumeric ch',
    ])
  })
})

describe('field selectors', () => {
  test.each([
    ['metadata.name=x', [{ field: 'metadata.name', operator: '=', value: 'x' }]],
    [
      'metadata.name==x,spec.nodeName!=n',
      [
        { field: 'metadata.name', operator: '=', value: 'x' },
        { field: 'spec.nodeName', operator: '!=', value: 'n' },
      ],
    ],
    [
      'b=1,a=2',
      [
        { field: 'a', operator: '=', value: '2' },
        { field: 'b', operator: '=', value: '1' },
      ],
    ],
    ['a=x\\,y\\=\\\\', [{ field: 'a', operator: '=', value: 'x,y=\\' }]],
    ['a=', [{ field: 'a', operator: '=', value: '' }]],
    [',,', []],
  ])('%j is read', (text, requirements) => {
    expect(parseFieldSelector(text)).toEqual({ requirements })
  })

  test.each([
    ['nonsense', "invalid selector: 'nonsense'; can't understand 'nonsense'"],
    ['a=1,b', "invalid selector: 'a=1,b'; can't understand 'b'"],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
  ])('%j cannot be read: %s', (text, error) => {
    expect(parseFieldSelector(text)).toEqual({ error })
  })

  test.each([
    [configMap, 'data.i', '"data.i" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    [pod, 'spec.x', 'field label not supported: spec.x'],
    [job, 'x', 'field label "x" not supported for Job'],
    [resourceSlice, 'x', 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: x'],
  ])('an unknown field is refused in the words of its kind', (definition, label, message) => {
    expect(unsupportedField(definition, label)).toBe(message)
  })
})
