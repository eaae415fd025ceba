import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const configMaps = 'v1/configmaps'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const create = (content: Plain) => causesOf(realm.create(configMaps, { metadata: { name: 'a' }, ...content }))
const mebibyte = 'x'.repeat(1024 * 1024)
const keyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

describe('a config map', () => {
  it.each<[string, Plain, string[]]>([
    ['text and bytes', { data: { a: '1' }, binaryData: { b: 'AQI=' } }, []],
    ['a mebibyte', { data: { a: mebibyte } }, []],
    ['a mebibyte and a byte', { data: { a: mebibyte }, binaryData: { b: 'AQ==' } }, ['[]: Too long: may not be more than 1048576 bytes']],
    ['half a million letters of two bytes', { data: { a: 'é'.repeat(524289) } }, ['[]: Too long: may not be more than 1048576 bytes']],
    ['a bad key', { data: { 'a b': '' } }, [`data[a b]: Invalid value: "a b": ${keyWords}`]],
    ['a bad key of bytes', { binaryData: { '..x': '' } }, ['binaryData[..x]: Invalid value: "..x": must not start with \'..\'']],
    ['a key twice', { data: { a: '' }, binaryData: { a: '' } }, ['data[a]: Invalid value: "a": duplicate of key present in binaryData']],
  ])('may hold %s: %#', (_name, content, causes) => {
    expect(create(content)).toEqual(causes)
  })

  it.each<[string, (object: Plain) => void, string[]]>([
    ['its labels', ({ metadata }) => (metadata.labels = { a: 'b' }), []],
    ['its text', ({ data }) => (data.a = '2'), ['data: Forbidden: field is immutable when `immutable` is set']],
    ['its bytes', (object) => (object.binaryData = { b: 'AQ==' }), ['binaryData: Forbidden: field is immutable when `immutable` is set']],
    ['the seal', (object) => (object.immutable = false), ['immutable: Forbidden: field is immutable when `immutable` is set']],
    [
      'everything',
      (object) => {
        delete object.immutable
        delete object.data
      },
      ['immutable: Forbidden: field is immutable when `immutable` is set', 'data: Forbidden: field is immutable when `immutable` is set'],
    ],
  ])('that is sealed and changes %s', (_name, edit, causes) => {
    create({ data: { a: '1' }, immutable: true })
    expect(causesOf(realm.change(configMaps, 'a', edit))).toEqual(causes)
  })

  it('may be sealed and changed in one write', () => {
    create({ data: { a: '1' } })
    const edit = (object: Plain) => {
      object.immutable = true
      object.data = { a: '2' }
    }
    expect(realm.change(configMaps, 'a', edit)).toMatchObject({ immutable: true, data: { a: '2' } })
  })
})
