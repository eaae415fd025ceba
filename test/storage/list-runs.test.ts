import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeptLines } from '../../src/storage/kept-lines.js'
import { runsOf } from '../../src/storage/list-runs.js'
import { StoredObject } from '../../src/storage/stored-object.js'
import '../support/properties.js'

const head = '{"kind":"ConfigMap","apiVersion":"v1",'

type Run = Buffer | string

/** A collection in order, whose states come and go as those of a store do. */
class Shelf {
  readonly lines: KeptLines
  items: StoredObject[] = []
  #revision = 0

  constructor(bytesMax?: number) {
    this.lines = new KeptLines(bytesMax)
  }

  put(name: string, text: string): void {
    const metadata = { name, resourceVersion: String(++this.#revision) }
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { text } }
    const stored = new StoredObject('v1/configmaps', { namespace: 'a', name }, this.#revision, object as never, { lines: this.lines })
    this.remove(name)
    this.items = [...this.items, stored].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  remove(name: string): void {
    this.items.find((each) => each.name === name)?.supersede()
    this.items = this.items.filter((each) => each.name !== name)
  }

  fill(count: number): this {
    for (let index = 0; index < count; index++) this.put(`n${String(index).padStart(5, '0')}`, 'x'.repeat(500))
    return this
  }

  list(keeps = true, items = this.items): Run[] {
    return [...runsOf(items, head.length, { keeps })]
  }
}

const elements = (items: readonly StoredObject[]) => items.map(({ object: { metadata, ...rest } }) => ({ metadata, data: (rest as { data?: unknown }).data }))
const read = (runs: readonly Run[]) => JSON.parse(`[${runs.join('').slice(0, -1)}]`)
const newIn = (after: readonly Run[], before: readonly Run[]) => after.filter((run) => !before.includes(run))

describe('the runs of a list', () => {
  it('are the very same bytes for the next reader', () => {
    const shelf = new Shelf().fill(1000)
    const runs = shelf.list()
    expect(runs.length).toBeGreaterThan(10)
    expect(newIn(shelf.list(), runs)).toEqual([])
  })

  it.each([
    ['changes', (shelf: Shelf) => shelf.put('n00500', 'changed')],
    ['goes', (shelf: Shelf) => shelf.remove('n00500')],
    ['comes', (shelf: Shelf) => shelf.put('n00500a', 'new')],
  ])('are made anew near what %s, and nowhere else', (_what, change) => {
    const shelf = new Shelf().fill(1000)
    const before = shelf.list()
    change(shelf)
    const after = shelf.list()
    expect(read(after)).toEqual(elements(shelf.items))
    expect(newIn(after, before).length).toBeLessThan(5)
  })

  it('take no more room than there is, and give it back', () => {
    const shelf = new Shelf(200_000).fill(1000)
    const runs = shelf.list()
    const again = shelf.list()
    const kept = runs.filter((run) => typeof run === 'object' && again.includes(run))
    expect(kept.reduce((bytes, run) => bytes + run.length, 0)).toBeLessThanOrEqual(200_000)
    expect(kept.length).toBeGreaterThan(0)
    for (const { name } of shelf.items) shelf.remove(name)
    expect(shelf.lines.room(200_000)).toBeDefined()
  })

  it('of a choice are not kept, and leave those of the whole as they are', () => {
    const shelf = new Shelf().fill(1000)
    const runs = shelf.list()
    const chosen = shelf.items.filter((_, index) => index % 20 === 3)
    expect(read(shelf.list(false, chosen))).toEqual(elements(chosen))
    expect(newIn(shelf.list(), runs)).toEqual([])
  })

  it('say what is there, whatever happened before', () => {
    const name = fc.integer({ min: 0, max: 60 }).map((number) => `n${number}`)
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.integer({ min: 1, max: 70_000 }).map((length) => 'é'.repeat(length)),
    )
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ put: name, text }) },
      fc.record({ remove: name }),
      fc.record({ from: fc.nat(60), count: fc.nat(60) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(undefined, 100_000), (steps, bytesMax) => {
        const shelf = new Shelf(bytesMax)
        for (const each of steps) {
          if ('put' in each) shelf.put(each.put, each.text)
          else if ('remove' in each) shelf.remove(each.remove)
          const items = 'from' in each ? shelf.items.slice(each.from, each.from + each.count) : shelf.items
          expect(read(shelf.list(true, items))).toEqual(elements(items))
        }
      }),
      { numRuns: 60 },
    )
  })
})
