import { describe, expect, it } from 'vitest'
import { hidePath, readPath, removePath } from './path.js'

const answer = {
  metadata: { name: 'a', labels: { 'example.com/x': 'y' } },
  items: [
    { name: 'one', ports: [{ port: 1 }, { port: 2 }] },
    { name: 'two', ports: null },
    { name: 'one', ports: [{ port: 3 }] },
  ],
  conditions: [
    { type: 'Ready', status: 'True' },
    { type: 'Late', status: 'False' },
  ],
  message: 'first\nsecond\n',
  nothing: null,
}

describe('a path reads', () => {
  it.each([
    ['.metadata.name', 'a'],
    ['.metadata.labels["example.com/x"]', 'y'],
    ['.metadata.absent.name', undefined],
    ['.nothing', null],
    ['.items[1].name', 'two'],
    ['.items[7].name', undefined],
    ['.items[:2] | length', 2],
    ['.items[].name', ['one', 'two', 'one']],
    ['.items[].absent', [undefined, undefined, undefined]],
    ['.items[].ports[].port', [1, 2, 3]],
    ['.absent[].name', undefined],
    ['.conditions[type=Ready].status', ['True']],
    ['.items[].name | unique | length', 2],
    ['.items[].name | only "one" | length', 2],
    ['.items[].name | sort', ['one', 'one', 'two']],
    ['.metadata | keys', ['name', 'labels']],
    ['.message | lines | first', 'first'],
    ['.message | lastLine', 'second'],
    ['.metadata.absent | exists', false],
    ['.absent ?? .nothing ?? .metadata.name', 'a'],
  ])('%s', (path, found) => {
    expect(readPath(answer, path)).toEqual(found)
  })

  it('the whole answer when it is a dot', () => {
    expect(readPath(answer, '.')).toBe(answer)
  })

  it.each(['name', '.items[', '.items[] | reverse'])('not what is no path: %s', (path) => {
    expect(() => readPath(answer, path)).toThrow(/^no /)
  })
})

describe('a path changes', () => {
  it('what stands at it, in every element', () => {
    const copy = structuredClone(answer)
    removePath(copy, '.items[].ports[].port')
    removePath(copy, '.conditions')
    hidePath(copy, '.items[].name', '<any>')
    hidePath(copy, '.metadata.absent', '<any>')
    expect(copy.items).toEqual([
      { name: '<any>', ports: [{}, {}] },
      { name: '<any>', ports: null },
      { name: '<any>', ports: [{}] },
    ])
    expect(copy).not.toHaveProperty('conditions')
    expect(copy.metadata).toEqual(answer.metadata)
  })
})
