import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const secrets = 'v1/secrets'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const base64 = (text: string) => Buffer.from(text).toString('base64')
const create = (content: Plain) => realm.create(secrets, { metadata: { name: 'a' }, ...content })

describe('a secret', () => {
  it('takes text over data, and gives only data back', () => {
    const made = create({ data: { a: base64('old'), b: base64('kept') }, stringData: { a: 'néw' } }) as Plain
    expect(made.data).toEqual({ a: base64('néw'), b: base64('kept') })
    expect(made).not.toHaveProperty('stringData')
    const changed = realm.change(secrets, 'a', (object) => (object.stringData = { c: '' })) as Plain
    expect(changed.data).toEqual({ a: base64('néw'), b: base64('kept'), c: '' })
  })

  it('is opaque when nothing else is said', () => {
    expect((create({}) as Plain).type).toBe('Opaque')
  })

  it.each<[string, Plain, string[]]>([
    ['Opaque', {}, []],
    ['helm.sh/release.v1', {}, []],
    ['toString', {}, []],
    ['kubernetes.io/tls', { 'tls.crt': '' }, ['data[tls.key]: Required value']],
    ['kubernetes.io/tls', { 'tls.crt': '', 'tls.key': '' }, []],
    ['kubernetes.io/basic-auth', {}, ['data[username]: Required value', 'data[password]: Required value']],
    ['kubernetes.io/basic-auth', { password: '' }, []],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': '' }, ['data[ssh-privatekey]: Required value']],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': 'x' }, []],
    ['kubernetes.io/dockercfg', {}, ['data[.dockercfg]: Required value']],
    ['kubernetes.io/dockercfg', { '.dockercfg': '{}' }, []],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 'null' }, []],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': 'not json' },
      ["data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'o' in literal null (expecting 'u')"],
    ],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': '[]' },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ],
    ['kubernetes.io/service-account-token', {}, ['metadata.annotations[kubernetes.io/service-account.name]: Required value']],
    ['bootstrap.kubernetes.io/token', {}, []],
    [
      'Opaque',
      { 'a/b': '' },
      [
        "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
  ])('of type %s with %j', (type, stringData, causes) => {
    expect(causesOf(create({ type, stringData }))).toEqual(causes)
  })

  it('holds a mebibyte and no more', () => {
    expect(causesOf(create({ stringData: { a: 'x'.repeat(1024 * 1024 - 1), b: 'xx' } }))).toEqual(['data: Too long: may not be more than 1048576 bytes'])
    expect(causesOf(create({ stringData: { a: 'x'.repeat(1024 * 1024 - 1), b: 'x' } }))).toEqual([])
  })

  it.each<[string, (object: Plain) => void, string[]]>([
    ['its annotations', ({ metadata }) => (metadata.annotations = { a: 'b' }), []],
    ['its content through text', (object) => (object.stringData = { a: '2' }), ['data: Forbidden: field is immutable when `immutable` is set']],
    ['nothing through text', (object) => (object.stringData = { a: '1' }), []],
    ['the seal', (object) => delete object.immutable, ['immutable: Forbidden: field is immutable when `immutable` is set']],
    ['its type', (object) => (object.type = 'other'), ['type: Invalid value: "other": field is immutable']],
  ])('that is sealed and changes %s', (_name, edit, causes) => {
    create({ stringData: { a: '1' }, immutable: true })
    expect(causesOf(realm.change(secrets, 'a', edit))).toEqual(causes)
  })

  const block = (type: string, body = 'AAAA') => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`
  it.each([
    ['', '', 'tls: failed to find any PEM data in certificate input'],
    [block('CERTIFICATE', 'not base64'), '', 'tls: failed to find any PEM data in certificate input'],
    [
      block('RSA PRIVATE KEY'),
      '',
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [block('A') + block('B'), '', 'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]'],
    [block('CERTIFICATE'), 'x', 'tls: failed to find any PEM data in key input'],
    [block('CERTIFICATE'), block('CERTIFICATE'), 'tls: found a certificate rather than a key in the PEM for the private key'],
    [
      block('CERTIFICATE'),
      block('A'),
      'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [A]',
    ],
    [block('CERTIFICATE'), `${block('EC PARAMETERS')}${block('EC PRIVATE KEY')}`, undefined],
  ])('with certificate %j and key %j warns: %s', (certificate, key, warning) => {
    create({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': certificate, 'tls.key': key } })
    expect(realm.warnings).toEqual(warning ? [warning] : [])
  })
})
