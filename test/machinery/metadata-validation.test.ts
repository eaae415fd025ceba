import { describe, expect, it, test } from 'vitest'
import {
  byteLength,
  type FieldError,
  type MetadataRules,
  type ObjectMeta,
  validateAnnotations,
  validateConfigKey,
  validateDNS1035Label,
  validateDNSLabel,
  validateDNSSubdomain,
  validateFullDomain,
  validateLabelKey,
  validateLabelValue,
  validateMetadata,
  validateNameAsLabel,
  validatePathSegment,
  validatePort,
  validatePortName,
} from '../../src/machinery/index.js'

const labelWords =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const dns1035Words =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const keyWords =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valueWords =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const configKeyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

describe('names', () => {
  test.each<[(value: string) => string[], string, string[]]>([
    [validateDNSLabel, 'web-1', []],
    [validateDNSLabel, 'a.b', ['must not contain dots']],
    [validateDNSLabel, '', [labelWords]],
    [validateDNSLabel, 'Web', [labelWords]],
    [validateDNSLabel, 'web\n', [labelWords]],
    [validateDNSLabel, 'a'.repeat(63), []],
    [validateDNSLabel, 'a'.repeat(64), ['must be no more than 63 characters']],
    [validateDNSSubdomain, 'a.b-c.1', []],
    [validateDNSSubdomain, 'a..b', [subdomainWords]],
    [validateDNSSubdomain, '-a', [subdomainWords]],
    [validateDNSSubdomain, 'é'.repeat(127), ['must be no more than 253 characters', subdomainWords]],
    [validateDNS1035Label, 'a1', []],
    [validateDNS1035Label, '1a', [dns1035Words]],
    [validatePortName, 'http-alt', []],
    [validatePortName, 'a-name-that-is-too-long', ['must be no more than 15 characters']],
    [
      validatePortName,
      '-8_0--',
      [
        'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
        'must contain at least one letter (a-z)',
        'must not contain consecutive hyphens',
        'must not begin or end with a hyphen',
      ],
    ],
    [validateConfigKey, 'key.NAME_1', []],
    [validateConfigKey, 'a b', [configKeyWords]],
    [validateConfigKey, '', [configKeyWords]],
    [validateConfigKey, '.', ["must not be '.'"]],
    [validateConfigKey, '..', ["must not be '..'"]],
    [validateConfigKey, '..data', ["must not start with '..'"]],
    [validateConfigKey, 'k'.repeat(254), ['must be no more than 253 characters']],
  ])('%o judges %j', (validate, value, messages) => {
    expect(validate(value)).toEqual(messages)
  })

  test.each<[(value: string) => string[], string, string[]]>([
    [validateLabelKey, 'app', []],
    [validateLabelKey, 'example.com/App_1', []],
    [validateLabelKey, '', ['name part must be non-empty', `name part ${keyWords}`]],
    [validateLabelKey, '/app', ['prefix part must be non-empty']],
    [validateLabelKey, 'Example.com/app', [`prefix part ${subdomainWords}`]],
    [validateLabelKey, `${'a'.repeat(254)}/app`, ['prefix part must be no more than 253 bytes']],
    [validateLabelKey, `x/${'a'.repeat(64)}`, ['name part must be no more than 63 bytes']],
    [validateLabelKey, 'a'.repeat(2000), ['name part must be no more than 63 bytes']],
    [validateLabelKey, 'a/b/c', [`a valid label key ${keyWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]],
    [validateLabelValue, '', []],
    [validateLabelValue, 'v1.2_3', []],
    [validateLabelValue, '-v', [valueWords]],
    [validateLabelValue, 'v'.repeat(64), ['must be no more than 63 bytes']],
  ])('%o judges %j', (validate, value, messages) => {
    expect(validate(value)).toEqual(messages)
  })

  test.each([
    [0, ['must be between 1 and 65535, inclusive']],
    [1, []],
    [65535, []],
    [65536, ['must be between 1 and 65535, inclusive']],
  ])('port %i: %j', (port, messages) => {
    expect(validatePort(port)).toEqual(messages)
  })

  test.each([
    ['example.com', undefined],
    ['example.com.', undefined],
    ['example', { value: 'example', message: 'should be a domain with at least two segments separated by dots' }],
    ['Example.com', { value: 'Example.com', message: subdomainWords }],
    [`${'a'.repeat(64)}.com`, { value: 'a'.repeat(64), message: 'must be no more than 63 characters' }],
  ])('a domain %j', (name, wrong) => {
    expect(validateFullDomain(name)).toEqual(wrong)
  })

  test.each<[string, boolean, string[]]>([
    ['web-', true, []],
    ['web-', false, [labelWords]],
    ['-', true, [labelWords]],
    ['web--', true, []],
    ['Web-', true, [labelWords]],
  ])('%j as a prefix (%s) of generated labels', (name, prefix, messages) => {
    expect(validateNameAsLabel(name, prefix)).toEqual(messages)
  })

  test.each<[string, boolean, string[]]>([
    ['system:node', false, []],
    ['..', false, ["may not be '..'"]],
    ['..', true, []],
    ['a/b%c', false, ["may not contain '/'", "may not contain '%'"]],
  ])('%j as a part of a path (prefix: %s)', (name, prefix, messages) => {
    expect(validatePathSegment(name, prefix)).toEqual(messages)
  })

  it('are measured in bytes', () => {
    for (const text of ['', 'abc', 'é', '€', '😀', 'a😀é€']) expect([text, byteLength(text)]).toEqual([text, Buffer.byteLength(text)])
  })

  it('are judged in linear time', () => {
    const long = 'a'.repeat(1_000_000)
    const started = performance.now()
    for (const value of [`${long}!`, `${'a.'.repeat(500_000)}!`, `${'-'.repeat(1_000_000)}!`]) {
      for (const validate of [validateDNSLabel, validateDNSSubdomain, validateLabelKey, validateLabelValue, validateConfigKey]) validate(value)
    }
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

const texts = (errors: FieldError[]) => errors.map((error) => `${error.field}: ${error.body}`)
const namespaced: MetadataRules = { namespaced: true }

describe('metadata of a new object', () => {
  const good: ObjectMeta = { name: 'web', namespace: 'default' }
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: '1' }

  test.each<[string, ObjectMeta, string[]]>([
    ['is fine', { ...good, labels: { a: 'b' }, annotations: { 'Example.com/Note': '!' }, ownerReferences: [owner], finalizers: ['example.com/hold'] }, []],
    ['needs a name', { namespace: 'default' }, ['metadata.name: Required value: name or generateName is required']],
    ['needs a namespace', { name: 'web' }, ['metadata.namespace: Required value']],
    ['has a bad name', { ...good, name: 'Web' }, [`metadata.name: Invalid value: "Web": ${subdomainWords}`]],
    [
      'has a bad prefix, and so a bad name',
      { ...good, generateName: 'Web-', name: 'Web-x2x4b' },
      [`metadata.generateName: Invalid value: "Web-": ${subdomainWords}`, `metadata.name: Invalid value: "Web-x2x4b": ${subdomainWords}`],
    ],
    ['may be generated from a trailing dash', { ...good, generateName: 'web-', name: 'web-x2x4b' }, []],
    ['has a bad label key', { ...good, labels: { 'a b': 'c' } }, [`metadata.labels: Invalid value: "a b": name part ${keyWords}`]],
    ['has a bad label value', { ...good, labels: { a: 'b c' } }, [`metadata.labels: Invalid value: "b c": ${valueWords}`]],
    ['has a bad annotation', { ...good, annotations: { 'a b': '' } }, [`metadata.annotations: Invalid value: "a b": name part ${keyWords}`]],
    [
      'has annotations that are too long',
      { ...good, annotations: { a: 'x'.repeat(262144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      'is owned by nobody in particular',
      { ...good, ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      'is owned by an Event',
      { ...good, ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'x', uid: '1' }] },
      ['metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"x","uid":"1"}: /v1, Kind=Event is disallowed from being an owner'],
    ],
    [
      'has two controllers',
      {
        ...good,
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'api', uid: '2', controller: true },
        ],
      },
      [
        'metadata.ownerReferences: Invalid value: [{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"1","controller":true},{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"api","uid":"2","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/web and ReplicaSet/api',
      ],
    ],
    [
      'has a finalizer of nobody',
      { ...good, finalizers: ['mine'] },
      ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
    [
      'orphans and waits for its dependents',
      { ...good, finalizers: ['orphan', 'foregroundDeletion'] },
      ['metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'],
    ],
    [
      'is managed in an unknown way',
      { ...good, managedFields: [{ manager: 'a\u0007b', operation: 'Edit' as 'Update', fieldsType: 'FieldsV2', subresource: 's'.repeat(257) }] },
      [
        'metadata.managedFields[0].operation: Invalid value: "Edit": must be `Apply` or `Update`',
        'metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`',
        'metadata.managedFields[0].manager: Invalid value: "a\\x07b": invalid character U+0007 (at position 1)',
        'metadata.managedFields[0].subresource: Too long: may not be more than 256 bytes',
      ],
    ],
  ])('%s', (_name, metadata, expected) => {
    expect(texts(validateMetadata(metadata, namespaced))).toEqual(expected)
  })

  it('of a cluster has no namespace', () => {
    expect(texts(validateMetadata(good, { namespaced: false }))).toEqual(['metadata.namespace: Forbidden: not allowed on this type'])
  })

  it('follows the rule of its kind', () => {
    expect(texts(validateMetadata({ ...good, name: 'a.b' }, { ...namespaced, validateName: validateNameAsLabel }))).toEqual([
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ])
  })

  it('counts keys and values of annotations up to 256 KiB', () => {
    expect(validateAnnotations({ a: 'x'.repeat(262143) }, 'x')).toEqual([])
    expect(validateAnnotations({ a: `€${'x'.repeat(262141)}` }, 'x')).toHaveLength(1)
  })
})

describe('metadata of a changed object', () => {
  const old: ObjectMeta = {
    name: 'web',
    namespace: 'default',
    uid: '1',
    resourceVersion: '7',
    generation: 3,
    creationTimestamp: '2026-11-22T11:05:39Z',
    finalizers: ['example.com/hold'],
  }

  test.each<[string, ObjectMeta, ObjectMeta, string[]]>([
    ['may change what is its own', old, { ...old, labels: { a: 'b' }, generation: 4, finalizers: [] }, []],
    ['needs a version', old, { ...old, resourceVersion: undefined }, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']],
    ['keeps its name', old, { ...old, name: 'api' }, ['metadata.name: Invalid value: "api": field is immutable']],
    ['keeps its namespace', old, { ...old, namespace: 'other' }, ['metadata.namespace: Invalid value: "other": field is immutable']],
    ['keeps its identity', old, { ...old, uid: '2' }, ['metadata.uid: Invalid value: "2": field is immutable']],
    [
      'keeps its age',
      old,
      { ...old, creationTimestamp: '2020-01-01T00:00:00Z' },
      ['metadata.creationTimestamp: Invalid value: "2020-01-01T00:00:00Z": field is immutable'],
    ],
    [
      'is not deleted by an update',
      old,
      { ...old, deletionTimestamp: '2027-01-01T00:00:00Z' },
      ['metadata.deletionTimestamp: Invalid value: "2027-01-01T00:00:00Z": field is immutable'],
    ],
    ['does not grow younger', old, { ...old, generation: 2 }, ['metadata.generation: Invalid value: 2: must not be decremented']],
    [
      'takes no new finalizers while it is deleted',
      { ...old, deletionTimestamp: '2026-11-22T11:05:39Z' },
      { ...old, deletionTimestamp: '2026-11-22T11:05:39Z', finalizers: ['example.com/z', 'example.com/hold', 'example.com/a'] },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/a", "example.com/z"}',
      ],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect([...new Set(texts(validateMetadata(after, namespaced, before)))]).toEqual(expected)
  })

  it('tells of a bad finalizer once for each layer that looks at it', () => {
    const rules: MetadataRules = { ...namespaced, metadataChecks: ['change', 'whole'] }
    const paths = validateMetadata({ ...old, finalizers: ['not qualified!'] }, rules, old).map((error) => error.field)
    expect(paths).toEqual(['metadata.finalizers', 'metadata.finalizers[0]', 'metadata.finalizers', 'metadata.finalizers[0]'])
  })

  it('may name a finalizer freely where the kind says so', () => {
    const rules = { ...namespaced, takesAnyFinalizer: true }
    expect(validateMetadata({ ...old, finalizers: ['mine'] }, rules, old)).toEqual([])
    expect(validateMetadata({ ...old, finalizers: ['mine'] }, rules)).toEqual([])
  })

  it('tells of a bad label once for each layer that looks at it', () => {
    const after = { ...old, labels: { a: 'b c' } }
    expect(validateMetadata(after, namespaced, old)).toHaveLength(3)
    expect(validateMetadata(after, { ...namespaced, metadataChecks: ['change', 'whole'] }, old)).toHaveLength(4)
  })
})
