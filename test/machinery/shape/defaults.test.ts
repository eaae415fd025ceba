import { describe, expect, it } from 'vitest'
import { applyDefaults, type DefaultsTables, type Plain, Schema } from '../../../src/machinery/index.js'

const schema = new Schema(`package t/v1 group=t version=v1 proto=t openapi=t
type Tree kind
  leaf t/v1.Leaf 1
  twig t/v1.Leaf 2 pointer
  branches []t/v1.Tree 3
  byName map[string]t/v1.Tree 4
  plain t/v1.Plain 5
  amounts map[string]Quantity 6
type Leaf
  ...base t/v1.Base 1
  color string 2
  size int32 3 pointer
  note string 4
type Base
  age int32 1
type Plain
  text string 1
`)

function fillAmounts(amounts: Plain): void {
  for (const name in amounts) amounts[name] = '1'
}

const tables: DefaultsTables<{ season: string }> = {
  constants: { 't/v1.Leaf': { color: 'green', size: 1 }, 't/v1.Base': { age: 7 } },
  rules: {
    't/v1.Leaf': (leaf, { season }) => {
      if (season === 'autumn') leaf.note ??= `${leaf.color} no more`
    },
  },
  mapRule: (_shape, { name }) => (name === 'amounts' ? fillAmounts : undefined),
}

function filled(draft: Plain, season = 'spring'): Plain {
  applyDefaults(schema.shape('t/v1.Tree'), draft, tables, { season })
  return draft
}

const leaf = { color: 'green', size: 1, age: 7 }

describe('defaults', () => {
  it.each<[string, Plain, Plain]>([
    ['fill a struct that is always there', {}, { leaf }],
    ['leave a pointer to nothing alone', { twig: null }, { twig: null, leaf }],
    ['fill what a pointer leads to', { twig: {} }, { twig: leaf, leaf }],
    ['keep what is given', { leaf: { color: 'red', size: 3 } }, { leaf: { color: 'red', size: 3, age: 7 } }],
    ['treat zero as absent but for pointers', { leaf: { color: '', size: 0, age: 0 } }, { leaf: { color: 'green', size: 0, age: 7 } }],
    [
      'reach through lists and maps, and through a type into itself',
      { branches: [{ byName: { a: {} } }] },
      { leaf, branches: [{ leaf, byName: { a: { leaf } } }] },
    ],
    ['do not invent what has none', { plain: {} }, { plain: {}, leaf }],
    ['ask the rule of a map', { amounts: { a: '2' } }, { amounts: { a: '1' }, leaf }],
  ])('%s', (_claim, draft, expected) => {
    expect(filled(draft)).toEqual(expected)
  })

  it('run rules after the constants of their type', () => {
    expect(filled({}, 'autumn')).toEqual({ leaf: { ...leaf, note: 'green no more' } })
  })

  it('change nothing when they run again', () => {
    const once = filled({ branches: [{}], twig: {} })
    expect(filled(structuredClone(once))).toEqual(once)
  })

  it('never share a default between objects', () => {
    const withList: DefaultsTables<object> = { constants: { 't/v1.Leaf': { note: ['x'] } }, rules: {} }
    const [one, other] = [{}, {}] as Plain[]
    for (const draft of [one, other]) applyDefaults(schema.shape('t/v1.Tree'), draft, withList, {})
    one.leaf.note.push('y')
    expect(other.leaf.note).toEqual(['x'])
  })
})
