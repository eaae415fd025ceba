import { describe, expect, it } from 'vitest'
import { applyJSONPatch, deepFreeze } from '../../../src/machinery/index.js'

const document = deepFreeze({ a: { b: 1, c: [1, 2, 3] }, 'x/y': 1, 'm~n': 2 })
const copiesOfHalfAMegabyte = (count: number) => Array.from({ length: count }, () => ({ op: 'copy', from: '/big', path: '/copies/-' }))

describe('a JSON patch', () => {
  it.each<[string, object[], unknown]>([
    ['adds a member', [{ op: 'add', path: '/a/d', value: 4 }], { ...document, a: { ...document.a, d: 4 } }],
    ['adds in the middle of a list', [{ op: 'add', path: '/a/c/1', value: 9 }], { ...document, a: { b: 1, c: [1, 9, 2, 3] } }],
    ['adds at the end of a list', [{ op: 'add', path: '/a/c/-', value: 9 }], { ...document, a: { b: 1, c: [1, 2, 3, 9] } }],
    ['adds after the last element by its index', [{ op: 'add', path: '/a/c/3', value: 9 }], { ...document, a: { b: 1, c: [1, 2, 3, 9] } }],
    ['counts negative indexes from the end', [{ op: 'replace', path: '/a/c/-1', value: 9 }], { ...document, a: { b: 1, c: [1, 2, 9] } }],
    ['removes a member', [{ op: 'remove', path: '/a/b' }], { ...document, a: { c: [1, 2, 3] } }],
    ['removes an element', [{ op: 'remove', path: '/a/c/0' }], { ...document, a: { b: 1, c: [2, 3] } }],
    ['replaces a member that is not there', [{ op: 'replace', path: '/new', value: 1 }], { ...document, new: 1 }],
    ['takes a value that is left out for null', [{ op: 'add', path: '/new' }], { ...document, new: null }],
    ['reads ~1 as a slash', [{ op: 'replace', path: '/x~1y', value: 2 }], { ...document, 'x/y': 2 }],
    ['reads ~0 as a tilde', [{ op: 'replace', path: '/m~0n', value: 3 }], { ...document, 'm~n': 3 }],
    ['moves', [{ op: 'move', from: '/a/b', path: '/b' }], { ...document, a: { c: [1, 2, 3] }, b: 1 }],
    [
      'copies, so that the copy changes alone',
      [
        { op: 'copy', from: '/a', path: '/d' },
        { op: 'replace', path: '/d/c/0', value: 9 },
      ],
      { ...document, d: { b: 1, c: [9, 2, 3] } },
    ],
    [
      'goes on after a test that holds',
      [
        { op: 'test', path: '/a/c', value: [1, 2, 3] },
        { op: 'remove', path: '/a' },
      ],
      { 'x/y': 1, 'm~n': 2 },
    ],
    ['tests that something is not there', [{ op: 'test', path: '/none', value: null }], document],
    ['replaces the whole document', [{ op: 'replace', path: '', value: { other: true } }], { other: true }],
    [
      'sees what earlier operations did',
      [
        { op: 'add', path: '/n', value: {} },
        { op: 'add', path: '/n/m', value: 1 },
      ],
      { ...document, n: { m: 1 } },
    ],
  ])('%s', (_name, operations, expected) => {
    expect(applyJSONPatch(document, operations)).toEqual({ value: expected })
  })

  it.each<[string, object[]]>([
    ['a test that fails', [{ op: 'test', path: '/a/b', value: 2 }]],
    ['removing what is not there', [{ op: 'remove', path: '/a/none' }]],
    ['a path through nothing', [{ op: 'add', path: '/none/b', value: 1 }]],
    ['a path through a number', [{ op: 'add', path: '/a/b/c', value: 1 }]],
    ['an index beyond the end', [{ op: 'add', path: '/a/c/4', value: 1 }]],
    ['an index that is no number', [{ op: 'remove', path: '/a/c/x' }]],
    ['moving what is not there', [{ op: 'move', from: '/none', path: '/b' }]],
    ['moving a part into itself', [{ op: 'move', from: '/a', path: '/a/d' }]],
    ['an operation that does not exist', [{ op: 'increase', path: '/a/b' }]],
    ['an operation without a path', [{ op: 'remove' }]],
    ['a move from nowhere', [{ op: 'move', path: '/b' }]],
    ['a pointer that does not begin with a slash', [{ op: 'remove', path: 'a' }]],
    ['something that is no operation', ['remove' as never]],
  ])('is refused for %s', (_name, operations) => {
    expect(applyJSONPatch(document, operations)).toHaveProperty('error')
  })

  it('shares what it does not touch', () => {
    const result = applyJSONPatch(document, [{ op: 'add', path: '/new', value: 1 }]) as { value: typeof document }
    expect(result.value.a).toBe(document.a)
  })

  it('may copy three mebibytes and no more', () => {
    const big = { big: 'x'.repeat(512 * 1024), copies: [] }
    expect(applyJSONPatch(big, copiesOfHalfAMegabyte(5))).toHaveProperty('value')
    expect(applyJSONPatch(big, copiesOfHalfAMegabyte(6))).toHaveProperty('error')
  })

  it('knows no key that is more than a key', () => {
    const { value } = applyJSONPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]) as { value: object }
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(applyJSONPatch({}, [{ op: 'add', path: '/constructor/prototype/polluted', value: true }])).toHaveProperty('error')
  })
})
