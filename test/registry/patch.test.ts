import { beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import type { PatchType } from '../../src/registry/index.js'
import { openRealm, type TestRealm } from '../support/realm.js'
import { ownersOf, patchIn, type Request } from './patching.js'

let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
  realm.create('v1/configmaps', { metadata: { name: 'cm' }, data: { a: '1' } })
})

const map: [string, string] = ['v1/configmaps', 'cm']
const patched = (type: PatchType, value: unknown, request?: Request) => patchIn(realm, type, map, value, request)
const badRequest = (message: string) => ({ code: 400, reason: 'BadRequest', message })
const invalid = (cause: string | RegExp) => ({
  code: 422,
  reason: 'Invalid',
  message: expect.stringMatching(cause),
  details: { causes: [{ field: 'patch', reason: 'FieldValueInvalid' }] },
})
const generic = { code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} }

describe('a patch', () => {
  it.each<[PatchType, unknown]>([
    ['json', [{ op: 'add', path: '/data/b', value: '2' }]],
    ['merge', { data: { b: '2' } }],
    ['strategic', { data: { b: '2' } }],
  ])('(%s) changes what it says, for its manager', (type, value) => {
    const { code, object } = patched(type, value, { fieldManager: 'you' })
    expect(code).toBe(200)
    expect((object as Plain).data).toEqual({ a: '1', b: '2' })
    expect(ownersOf(object)).toEqual({ 'test (Update)': { 'f:data': { '.': {}, 'f:a': {} } }, 'you (Update)': { 'f:data': { 'f:b': {} } } })
  })

  it.each<[PatchType, unknown]>([
    ['json', []],
    ['merge', {}],
    ['strategic', {}],
    ['strategic', null],
  ])('(%s) that says nothing writes nothing', (type, value) => {
    const before = patched('merge', {}).object as KubeObject
    expect(patched(type, value).object).toEqual(before)
  })

  it.each<[PatchType, unknown]>([
    ['json', [{ op: 'remove', path: '/data/a' }]],
    ['merge', { data: { a: null } }],
    ['strategic', { data: { a: null } }],
  ])('(%s) finds nothing where nothing is', (type, value) => {
    expect(patchIn(realm, type, ['v1/configmaps', 'none'], value).object).toMatchObject({ code: 404, message: 'configmaps "none" not found' })
  })

  it.each<[string, PatchType, unknown, Plain]>([
    [
      'a JSON patch that is no list',
      'json',
      { op: 'add' },
      badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'),
    ],
    [
      'an operation that is none',
      'json',
      ['add'],
      badRequest('error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'),
    ],
    [
      'an operation of the wrong type',
      'json',
      [{ op: 1, path: '/a' }],
      badRequest('error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'),
    ],
    [
      'more operations than there may be',
      'json',
      Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' })),
      { code: 413, message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001' },
    ],
    ['a test that fails', 'json', [{ op: 'test', path: '/data/a', value: '2' }], generic],
    ['a path that leads nowhere', 'json', [{ op: 'remove', path: '/data/none' }], generic],
    [
      'a merge patch that is no object',
      'merge',
      [1],
      badRequest('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'),
    ],
    ['a merge patch that is null', 'merge', null, badRequest('Invalid JSON Patch')],
    ['a strategic patch that is no object', 'strategic', 'x', badRequest('json: cannot unmarshal string into Go value of type map[string]interface {}')],
    [
      'a directive that does not exist',
      'strategic',
      { data: { $patch: 'explode' } },
      { code: 500, message: 'unknown patch type: explode in map: map[$patch:explode]' },
    ],
    [
      'a result of the wrong type',
      'merge',
      { data: { a: 1 } },
      invalid(/^ "" is invalid: patch: Invalid value: "\{.*\\"data\\":\{\\"a\\":1\}\}": json: cannot unmarshal number/),
    ],
    [
      'the same, told in the words of the patch',
      'strategic',
      { data: { a: 1 } },
      invalid(/^ "" is invalid: patch: Invalid value: "map\[data:map\[a:1\]\]": json: cannot unmarshal number/),
    ],
    ['another kind', 'merge', { kind: 'Secret' }, invalid(/: converting \(v1\.Secret\) to \(core\.ConfigMap\): unknown conversion$/)],
    ['another name', 'merge', { metadata: { name: 'other' } }, badRequest('the name of the object (other) does not match the name on the URL (cm)')],
    [
      'no name',
      'json',
      [{ op: 'remove', path: '/metadata/name' }],
      badRequest('the name of the object (cm based on URL) was undeterminable: name must be provided'),
    ],
    [
      'another namespace',
      'merge',
      { metadata: { namespace: 'other' } },
      badRequest('the namespace of the provided object does not match the namespace sent on the request'),
    ],
    [
      'another uid',
      'merge',
      { metadata: { uid: 'other' } },
      { code: 422, message: 'ConfigMap "cm" is invalid: metadata.uid: Invalid value: "other": field is immutable' },
    ],
    [
      'a version that has passed',
      'merge',
      { metadata: { resourceVersion: '1' } },
      {
        code: 409,
        message:
          'Operation cannot be fulfilled on configmaps "cm": the object has been modified; please apply your changes to the latest version and try again',
      },
    ],
  ])('is refused for %s', (_name, type, value, expected) => {
    const { code, object } = patched(type, value)
    expect(code).toBe(0)
    expect(object).toMatchObject(expected)
  })

  it('may not be forced', () => {
    expect(patched('merge', {}, { force: false }).object).toMatchObject({
      code: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    })
  })

  it('cannot make an object another kind where its type is known', () => {
    expect(patched('strategic', { kind: 'Secret', data: { b: '2' } }).object).toMatchObject({ kind: 'ConfigMap', data: { b: '2' } })
  })

  it.each<[PatchType, unknown]>([
    ['merge', { kind: { toString: 'x' } }],
    ['json', [{ op: 'replace', path: '/kind', value: { toString: 'x' } }]],
  ])('(%s) cannot make the kind of an object what is no text', (type, value) => {
    expect(patched(type, value).object).toMatchObject(
      invalid("couldn't get version/kind; json parse error: json: cannot unmarshal object into Go struct field .kind of type string$"),
    )
  })

  it.each<[PatchType, unknown, string]>([
    ['merge', { spec: { x: 1 } }, 'unknown field "spec"'],
    ['strategic', { spec: { x: 1 } }, 'unknown field "spec"'],
    ['json', [{ op: 'add', path: '/spec', value: 1 }], 'unknown field "spec"'],
    ['json', [{ op: 'add', path: '/data/b', value: '1', reason: 'none' }], 'json patch unknown field "[0].reason"'],
  ])('(%s) with %j is warned of, refused or let be, as asked', (type, value, problem) => {
    expect(patched(type, value, { fieldValidation: 'Strict' }).object).toMatchObject(invalid(`strict decoding error: ${problem.replace(/[[\]]/g, '\\$&')}$`))
    expect(patched(type, value, { fieldValidation: 'Ignore' })).toMatchObject({ code: 200, warnings: [] })
    expect(patched(type, value)).toMatchObject({ code: 200, warnings: [problem] })
  })

  it('tells keys that stand twice in it', () => {
    const problems = ['duplicate field "data.a"']
    expect(patched('merge', { data: { a: '2' } }, { problems }).warnings).toEqual(problems)
    expect(patched('json', [], { problems }).warnings).toEqual(['json patch duplicate field "data.a"'])
  })

  it('rewrites managed fields as kubectl does when it moves to the server', () => {
    const { metadata } = patched('merge', {}).object as KubeObject
    const entries = [{ ...metadata.managedFields?.[0], manager: 'kubectl', operation: 'Apply' }]
    const operations = (resourceVersion = '') => [
      { op: 'replace', path: '/metadata/managedFields', value: entries },
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ]
    expect(patched('json', operations('1')).object).toMatchObject({ code: 409 })
    expect(Object.keys(ownersOf(patched('json', operations(metadata.resourceVersion)).object))).toEqual(['kubectl'])
  })

  it.each<[PatchType, unknown]>([
    ['merge', { metadata: { managedFields: [] } }],
    ['merge', { metadata: { managedFields: [{}] } }],
    ['strategic', { metadata: { managedFields: [{}] } }],
    ['json', [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]],
  ])('(%s) with %j forgets the managers', (type, value) => {
    expect(ownersOf(patched(type, value).object)).toEqual({})
  })

  it('owns a list that it empties', () => {
    const role: [string, string] = ['rbac.authorization.k8s.io/v1/roles', 'r']
    realm.create(role[0], { metadata: { name: 'r', labels: { a: 'b' } } })
    const { object } = patchIn(realm, 'merge', role, { rules: [], metadata: { labels: { a: 'c' } } }, { fieldManager: 'you' })
    expect((object as Plain).rules).toBeNull()
    expect(ownersOf(object)['you (Update)']).toEqual({ 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:rules': {} })
  })
})
