import { describe, expect, it } from 'vitest'
import { KeptLines } from '../../src/storage/kept-lines.js'
import { StoredObject, type StoredOptions } from '../../src/storage/stored-object.js'

const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, resourceVersion: '1' } })
const stored = (name: string, options: StoredOptions, source: object | string = object(name)) =>
  new StoredObject('v1/configmaps', { namespace: 'a', name }, 1, source as never, options)
const lineOf = (name: string) => `${JSON.stringify(object(name))}\n`

describe('the line of an object', () => {
  it('is kept while there is room, and made for each reader where there is none', () => {
    const lines = new KeptLines(lineOf('a').length)
    const [first, second] = [stored('a', { lines }), stored('b', { lines })]
    expect(first.line).toBe(first.line)
    expect(first.isPrinted).toBe(true)
    expect(second.line.toString()).toBe(lineOf('b'))
    expect(second.line).not.toBe(second.line)
    expect(second.isPrinted).toBe(false)
  })

  it('goes when another state takes its place, once, and leaves its room to others', () => {
    const lines = new KeptLines(lineOf('a').length)
    const [first, second, third] = ['a', 'b', 'c'].map((name) => stored(name, { lines }))
    first.line.toString()
    first.supersede()
    first.supersede()
    expect(first.isPrinted).toBe(false)
    expect(first.line.toString()).toBe(lineOf('a'))
    expect(first.isPrinted).toBe(false)
    expect(second.line).toBe(second.line)
    expect(third.line).not.toBe(third.line)
  })

  it('is the same wherever it is kept, of few bytes or of many', () => {
    const lines = new KeptLines()
    const text = (index: number) => `${index} \u00e9 ${'x'.repeat(index % 3 ? 700 : 50_000)}`
    const kept = Array.from({ length: 3000 }, (_, index) => lines.keep(text(index)) as Buffer)
    expect(new Set(kept.map(({ buffer }) => buffer.constructor))).toEqual(new Set([ArrayBuffer, SharedArrayBuffer]))
    expect(kept.every((line, index) => line.toString() === text(index))).toBe(true)
    for (const line of kept) lines.giveBack(line)
    expect(lines.keep(text(1))?.buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('and the object are what a file holds, whichever is asked for first, before and after', () => {
    for (const early of ['line', 'object', 'none'] as const) {
      const one = stored('a', { size: 100, lines: new KeptLines() }, JSON.stringify(object('a')))
      if (early === 'line') expect(one.line.toString()).toBe(lineOf('a'))
      if (early === 'object') expect(one.object).toEqual(object('a'))
      one.supersede()
      expect(one.line.toString()).toBe(lineOf('a'))
      expect(one.object).toEqual(object('a'))
    }
  })
})
