import { describe, expect, it } from 'vitest'
import type { ManagedFieldsEntry, Plain } from '../../../src/machinery/index.js'
import { builtInResources, defaultObject } from '../../../src/resources/index.js'
import { Story } from './story.js'

const configMap = () => new Story('', 'v1', 'ConfigMap')
const data = (fields: Plain) => ({ data: fields })

/** Objects with their defaults, as they are when ownership is recorded. */
function created(story: Story, key: string, content: Plain): Plain {
  const definition = builtInResources.find((each) => each.key === key)
  if (!definition) throw new Error(`no such resource: ${key}`)
  const draft = structuredClone({ kind: definition.kind, apiVersion: definition.apiVersion, metadata: { name: 'it' }, ...content }) as never
  defaultObject(definition, draft, { now: 0, user: { username: 'x' } } as never)
  story.updates('kubectl', draft)
  return story.owners['kubectl (Update)']
}

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } }
const container = {
  '.': {},
  'f:image': {},
  'f:imagePullPolicy': {},
  'f:name': {},
  'f:resources': {},
  'f:terminationMessagePath': {},
  'f:terminationMessagePolicy': {},
}
const podSpec = {
  'f:containers': { 'k:{"name":"web"}': container },
  'f:dnsPolicy': {},
  'f:restartPolicy': {},
  'f:schedulerName': {},
  'f:securityContext': {},
  'f:terminationGracePeriodSeconds': {},
}
const labels = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } }

describe('who creates an object', () => {
  it('owns what it said and the defaults, in the order of names', () => {
    const story = new Story('apps', 'v1', 'Deployment')
    const owned = created(story, 'apps/v1/deployments', { spec: { selector: { matchLabels: { app: 'web' } }, template } })
    const expected = {
      'f:spec': {
        'f:progressDeadlineSeconds': {},
        'f:replicas': {},
        'f:revisionHistoryLimit': {},
        'f:selector': {},
        'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
        'f:template': { ...labels, 'f:spec': podSpec },
      },
    }
    expect(JSON.stringify(owned)).toBe(JSON.stringify(expected))
  })

  it.each<[string, string, string, string, Plain, Plain]>([
    ['a map that was not there', '', 'v1', 'ConfigMap', data({ a: '1' }), { 'f:data': { '.': {}, 'f:a': {} } }],
    ['not what an empty object says already', 'scheduling.k8s.io', 'v1', 'PriorityClass', { value: 0, description: 'x' }, { 'f:description': {} }],
    ['an empty struct that may be absent', '', 'v1', 'Pod', { spec: { securityContext: {} } }, { 'f:spec': { 'f:securityContext': {} } }],
    [
      'elements by key, sorted by the values of their keys',
      '',
      'v1',
      'Service',
      { spec: { ports: [{ port: 443 }, { port: 80 }, { port: 53, protocol: 'UDP' }, { port: 53 }] } },
      {
        'f:spec': {
          'f:ports': {
            '.': {},
            'k:{"port":53,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:targetPort': {} },
            'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:port': {}, 'f:protocol': {}, 'f:targetPort': {} },
            'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:targetPort': {} },
            'k:{"port":443,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:targetPort': {} },
          },
        },
      },
    ],
    [
      'elements of a list that is always printed, without the list',
      '',
      'v1',
      'Pod',
      { spec: { containers: [{ name: 'a' }] } },
      { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:resources': {} } } } },
    ],
    ['a list as a whole', 'rbac.authorization.k8s.io', 'v1', 'Role', { rules: [{ verbs: ['get'] }] }, { 'f:rules': {} }],
    [
      'owners by their uid, each as a whole',
      '',
      'v1',
      'ConfigMap',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u-1' }] } },
      { 'f:metadata': { 'f:ownerReferences': { '.': {}, 'k:{"uid":"u-1"}': {} } } },
    ],
    [
      'values of a set',
      '',
      'v1',
      'ConfigMap',
      { metadata: { finalizers: ['b/b', 'a/a'] } },
      { 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a/a"': {}, 'v:"b/b"': {} } } },
    ],
    [
      'an element that stands twice as one',
      '',
      'v1',
      'Pod',
      {
        spec: {
          containers: [
            {
              name: 'a',
              env: [
                { name: 'X', value: '1' },
                { name: 'X', value: '2' },
              ],
            },
          ],
        },
      },
      { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:env': { '.': {}, 'k:{"name":"X"}': {} }, 'f:name': {}, 'f:resources': {} } } } },
    ],
    [
      'keys that JavaScript has a meaning for',
      '',
      'v1',
      'ConfigMap',
      data({ constructor: '1', toString: '2' }),
      { 'f:data': { '.': {}, 'f:constructor': {}, 'f:toString': {} } },
    ],
    ['JSON of any kind as a whole', 'apps', 'v1', 'ControllerRevision', { data: { spec: { a: 1 } }, revision: 1 }, { 'f:data': {}, 'f:revision': {} }],
    [
      'no status',
      '',
      'v1',
      'Service',
      { spec: { clusterIP: 'None' }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
      { 'f:spec': { 'f:clusterIP': {} } },
    ],
  ])('owns %s', (_name, group, version, kind, content, expected) => {
    const story = new Story(group, version, kind)
    story.updates('kubectl', content)
    expect(JSON.stringify(story.owners['kubectl (Update)'])).toBe(JSON.stringify(expected))
  })

  it('has no entry when it says nothing but its name', () => {
    const story = new Story('', 'v1', 'ServiceAccount')
    story.updates('kube-controller-manager', {})
    expect(story.entries).toEqual([])
  })

  it('is unknown without a name', () => {
    const story = configMap()
    story.updates('', data({ a: '1' }))
    expect(story.entries[0].manager).toBe('unknown')
  })

  it('is not remembered when elements cannot be told apart', () => {
    const story = new Story('', 'v1', 'ServiceAccount')
    story.updates('kubectl', { secrets: [{ namespace: 'x' }] })
    expect(story.entries).toEqual([])
  })
})

describe('who changes an object', () => {
  it('takes what it changes from the others', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1', b: '2' }))
    story.updates('bob', (object) => (object.data.b = '3'))
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:a': {} } }, 'bob (Update)': { 'f:data': { 'f:b': {} } } })
  })

  it('ends the ownership of what it removes', () => {
    const story = configMap()
    story.updates('alice', data({ a: '1', b: '2' }))
    story.updates('bob', (object) => delete object.data.b)
    expect(story.owners).toEqual({ 'alice (Update)': { 'f:data': { '.': {}, 'f:a': {} } } })
    story.updates('bob', (object) => delete object.data)
    expect(story.entries).toEqual([])
  })

  it('adds to what it owned before, dated anew', () => {
    const story = configMap()
    story.updates('alice', data({ a: '1' }))
    story.updates('bob', (object) => (object.data.c = '3'))
    story.updates('alice', (object) => (object.data.b = '2'))
    expect(story.owners['alice (Update)']).toEqual({ 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} } })
    expect(story.times).toEqual({ 'bob (Update)': 2, 'alice (Update)': 3 })
  })

  it('changes no time by what only goes', () => {
    const story = configMap()
    story.updates('alice', data({ a: '1', b: '2' }))
    story.updates('alice', (object) => delete object.data.b)
    expect(story.times).toEqual({ 'alice (Update)': 1 })
  })

  it('leaves no trace when nothing changes', () => {
    const story = configMap()
    story.updates('alice', data({ a: '1' }))
    story.updates('bob', () => undefined)
    expect(story.owners).toEqual({ 'alice (Update)': { 'f:data': { '.': {}, 'f:a': {} } } })
  })

  it('owns the status through its subresource, and nothing else there', () => {
    const story = new Story('', 'v1', 'Service')
    story.updates('kubectl', { spec: { clusterIP: 'None' } })
    const change = (object: Plain) => {
      object.status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } }
      object.spec.clusterIP = ''
    }
    story.updates('cloud', change, { subresource: 'status' })
    expect(story.owners).toEqual({
      'cloud status (Update)': { 'f:status': { 'f:loadBalancer': { 'f:ingress': {} } } },
      'kubectl (Update)': { 'f:spec': { 'f:clusterIP': {} } },
    })
  })

  it('owns a list of elements only where they differ', () => {
    const story = new Story('', 'v1', 'Pod')
    story.updates('alice', {
      spec: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
    })
    story.updates(
      'bob',
      ({ spec }) =>
        (spec.containers = [
          { name: 'b', image: '1' },
          { name: 'a', image: '2' },
          { name: 'c', image: '1' },
        ]),
    )
    expect(story.owners['bob (Update)']).toEqual({
      'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:image': {} }, 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:resources': {} } } },
    })
  })
})

describe('the list of managers', () => {
  it('has appliers first, then the time counts, then the name', () => {
    const story = configMap()
    story.updates('zoe', data({ a: '1' }))
    story.applies('bob', data({ b: '1' }))
    story.applies('alice', data({ c: '1' }))
    story.updates('carl', (object) => (object.data.d = '1'))
    expect(story.entries.map(({ manager }) => manager)).toEqual(['bob', 'alice', 'zoe', 'carl'])
  })

  it('remembers ten updaters, and the oldest together', () => {
    const story = configMap()
    story.updates('m0', data({ k0: '1' }))
    for (let index = 1; index < 12; index++) story.updates(`m${index}`, (object) => (object.data[`k${index}`] = '1'))
    expect(story.entries.map(({ manager }) => manager)).toEqual(['ancient-changes', ...Array.from({ length: 9 }, (_, index) => `m${index + 3}`)])
    expect(story.owners['ancient-changes (Update)']).toEqual({ 'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {} } })
    expect(story.times['ancient-changes (Update)']).toBe(3)
  })

  const entry: ManagedFieldsEntry = { manager: 'new', operation: 'Update', apiVersion: 'v1', time: '2024-01-01T00:00:00Z', fieldsType: 'FieldsV1' }

  it.each<[string, ManagedFieldsEntry[]]>([
    ['an empty list', []],
    ['a list with one empty entry', [{}]],
  ])('is forgotten for %s', (_name, managedFields) => {
    const story = configMap()
    story.updates('alice', data({ a: '1' }))
    story.updates('bob', (object) => (object.metadata.managedFields = managedFields))
    expect(story.entries).toEqual([])
  })

  it('can be rewritten, and is spelled and sorted as ever', () => {
    const story = new Story('', 'v1', 'Service')
    story.updates('alice', { spec: { clusterIP: 'None' } })
    const given = { 'f:spec': { 'f:type': {}, 'f:ports': { 'k:{"protocol":"TCP", "port":443}': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {} } } } }
    story.updates('bob', (object) => (object.metadata.managedFields = [{ ...entry, fieldsV1: given as never }]))
    const expected = { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {}, 'k:{"port":443,"protocol":"TCP"}': {} }, 'f:type': {} } }
    expect(JSON.stringify(story.entries)).toBe(JSON.stringify([{ ...entry, fieldsV1: expected }]))
  })

  it.each<[string, Plain]>([
    ['without an operation', { ...entry, operation: undefined, fieldsV1: {} }],
    ['without a version', { ...entry, apiVersion: undefined, fieldsV1: {} }],
    ['of another type of fields', { ...entry, fieldsType: 'FieldsV2', fieldsV1: {} }],
    ['with a key that is none', { ...entry, fieldsV1: { spec: {} } }],
    ['with an element that is no JSON', { ...entry, fieldsV1: { 'f:data': { 'k:{': {} } } }],
    ['with a value that is no set', { ...entry, fieldsV1: { 'f:data': 1 } }],
  ])('is not replaced by an entry %s', (_name, given) => {
    const story = configMap()
    story.updates('alice', data({ a: '1' }))
    story.updates('bob', (object) => (object.metadata.managedFields = [given]))
    expect(story.entries.map(({ manager }) => manager)).toEqual(['alice'])
  })

  it('is not for subresources to write', () => {
    const story = new Story('', 'v1', 'Service')
    story.updates('alice', { spec: { clusterIP: 'None' } })
    story.updates('bob', (object) => (object.metadata.managedFields = [{}]), { subresource: 'status' })
    expect(story.entries.map(({ manager }) => manager)).toEqual(['alice'])
  })
})
