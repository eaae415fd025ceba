import { describe, expect, it } from 'vitest'
import type { Plain, Status } from '../../../src/machinery/index.js'
import { Story } from './story.js'

const configMap = () => new Story('', 'v1', 'ConfigMap')
const service = () => new Story('', 'v1', 'Service')
const deployment = () => new Story('apps', 'v1', 'Deployment')
const data = (fields: Plain) => ({ data: fields })
const spec = (fields: Plain) => ({ spec: fields })
const template = (containers: Plain[]) => spec({ template: { spec: { containers } } })
const conflictsOf = (status?: Status) => status?.details?.causes?.map(({ message, field }) => [message, field])

describe('an applier', () => {
  it('owns what it says, and nothing else', () => {
    const story = configMap()
    story.applies('alice', { ...data({ a: '1' }), metadata: { labels: { app: 'x' } } })
    expect(story.content).toEqual({ metadata: { labels: { app: 'x' } }, data: { a: '1' } })
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } } })
  })

  it('has no entry when it says nothing but which object it means', () => {
    const story = configMap()
    story.applies('alice', {})
    expect(story.entries).toEqual([])
  })

  it('removes what it says no longer', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1', b: '2' }))
    story.applies('alice', data({ a: '1' }))
    expect(story.content).toEqual({ data: { a: '1' } })
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:a': {} } } })
  })

  it('leaves what another owns too', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1', b: '2' }))
    story.applies('bob', data({ b: '2' }))
    story.applies('alice', data({ a: '1' }))
    expect(story.content).toEqual({ data: { a: '1', b: '2' } })
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:a': {} } }, bob: { 'f:data': { 'f:b': {} } } })
  })

  it('leaves what an updater owns, and what nobody owns', () => {
    const story = configMap()
    story.updates('editor', data({ a: '1' }))
    story.applies('alice', data({ a: '1', b: '2' }))
    story.applies('alice', data({ b: '2' }))
    expect(story.content).toEqual({ data: { a: '1', b: '2' } })
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:b': {} } }, 'editor (Update)': { 'f:data': { '.': {}, 'f:a': {} } } })
  })

  it('shares what it says as it stands', () => {
    const story = configMap()
    story.updates('editor', data({ a: '1' }))
    expect(story.applies('alice', data({ a: '1' }))).toBeUndefined()
    expect(Object.keys(story.owners)).toEqual(['alice', 'editor (Update)'])
  })

  it('says the same again without a trace', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1' }))
    const before = story.live
    story.applies('alice', data({ a: '1' }))
    expect(story.live).toEqual(before)
  })

  it('is dated when it changes the object, and only then', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1', b: '2' }))
    story.applies('bob', data({ a: '1' }))
    expect(story.times).toEqual({ alice: 1, bob: undefined })
    story.applies('bob', data({ a: '1', c: '3' }))
    story.applies('bob', data({ a: '1', c: '3' }))
    expect(story.times).toEqual({ alice: 1, bob: 3 })
  })

  it('keeps an empty map as its own', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1' }))
    story.applies('bob', data({}))
    expect(story.owners.bob).toEqual({ 'f:data': {} })
  })
})

describe('a conflict', () => {
  it('is another value for what another owns', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1' }))
    expect(story.applies('bob', data({ a: '2' }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "alice": .data.a',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.data.a' }] },
    })
    expect(story.content).toEqual({ data: { a: '1' } })
  })

  it('is told for every manager and field', () => {
    const story = deployment()
    story.applies('alice', { ...spec({ replicas: 1 }), metadata: { labels: { a: '1' } } })
    story.updates('editor', (object) => (object.spec.paused = true))
    story.updates('controller', (object) => (object.metadata.labels.b = '1'), { subresource: 'scale' })
    const refusal = story.applies('bob', { ...spec({ replicas: 2, paused: false }), metadata: { labels: { a: '2', b: '2' } } })
    expect(refusal?.message).toBe(
      [
        'Apply failed with 4 conflicts: conflicts with "alice":',
        '- .metadata.labels.a',
        '- .spec.replicas',
        'conflicts with "controller" with subresource "scale" using apps/v1:',
        '- .metadata.labels.b',
        'conflicts with "editor" using apps/v1:',
        '- .spec.paused',
      ].join('\n'),
    )
  })

  it('names elements by their keys', () => {
    const story = deployment()
    story.applies('alice', template([{ name: 'web', image: 'a:1', ports: [{ containerPort: 80, name: 'http' }] }]))
    const refusal = story.applies('bob', template([{ name: 'web', image: 'a:2', ports: [{ containerPort: 80, name: 'web' }] }]))
    expect(conflictsOf(refusal)).toEqual([
      ['conflict with "alice"', '.spec.template.spec.containers[name="web"].image'],
      ['conflict with "alice"', '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].name'],
    ])
  })

  it('ends with force: the field changes hands', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1', b: '1' }))
    story.applies('bob', data({ a: '2' }), { force: true })
    expect(story.content).toEqual({ data: { a: '2', b: '1' } })
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:b': {} } }, bob: { 'f:data': { 'f:a': {} } } })
  })

  it('arises for a map that is owned as a whole', () => {
    const story = service()
    story.applies('alice', spec({ selector: { app: 'x' } }))
    expect(conflictsOf(story.applies('bob', spec({ selector: { tier: 'y' } })))).toEqual([['conflict with "alice"', '.spec.selector']])
  })

  it('does not arise between a manager and its earlier self', () => {
    const story = configMap()
    story.applies('alice', data({ a: '1' }))
    expect(story.applies('alice', data({ a: '2' }))).toBeUndefined()
  })

  it('arises between an applier and the same name as an updater', () => {
    const story = configMap()
    story.updates('kubectl', data({ a: '1' }))
    expect(story.applies('kubectl', data({ a: '2' }))?.message).toBe('Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a')
  })
})

describe('a list that is owned by key', () => {
  it('takes elements from several managers', () => {
    const story = service()
    story.applies('alice', spec({ ports: [{ port: 80, name: 'a' }] }))
    story.applies('bob', spec({ ports: [{ port: 81, name: 'b' }] }))
    expect(story.content.spec.ports).toEqual(
      [
        { port: 80, name: 'a' },
        { port: 81, name: 'b' },
      ].map((port) => expect.objectContaining(port)),
    )
    expect(story.owners.bob).toEqual({ 'f:spec': { 'f:ports': { 'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } } })
  })

  it('loses the element that its manager says no longer', () => {
    const story = service()
    story.applies('alice', spec({ ports: [{ port: 80, name: 'a' }], selector: { app: 'x' } }))
    story.applies('bob', spec({ ports: [{ port: 81, name: 'b' }] }))
    story.applies('alice', spec({ ports: [], selector: { app: 'x' } }))
    expect(story.content.spec.ports).toEqual([expect.objectContaining({ port: 81 })])
    expect(story.owners.alice).toEqual({ 'f:spec': { 'f:selector': {} } })
  })

  it('keeps an element of which another owns a part', () => {
    const story = deployment()
    story.applies(
      'alice',
      template([
        { name: 'web', image: 'a:1' },
        { name: 'log', image: 'b:1' },
      ]),
    )
    story.applies('bob', template([{ name: 'log', workingDir: '/var' }]))
    story.applies('alice', template([{ name: 'web', image: 'a:1' }]))
    expect(story.content.spec.template.spec.containers).toEqual([
      expect.objectContaining({ name: 'web', image: 'a:1' }),
      { name: 'log', workingDir: '/var', resources: {} },
    ])
  })

  it('knows an element by the default of a key', () => {
    const story = service()
    story.updates('editor', spec({ ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }] }))
    story.applies('alice', spec({ ports: [{ port: 80, name: 'http' }] }))
    expect(story.content.spec.ports).toEqual([{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }])
  })

  it('tells elements of one port and two protocols apart', () => {
    const story = service()
    story.applies('alice', spec({ ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] }))
    expect(Object.keys(story.owners.alice['f:spec']['f:ports'])).toEqual(['k:{"port":53,"protocol":"TCP"}', 'k:{"port":53,"protocol":"UDP"}'])
  })

  it('stands in the order of the applier, around it what it does not name', () => {
    const names = (story: Story) => story.content.spec.template.spec.containers.map(({ name }: Plain) => name)
    const containers = (text: string) => template([...text].map((name) => ({ name, image: 'x' })))
    const story = deployment()
    story.updates('editor', containers('abcd'))
    story.applies('alice', containers('dxb'))
    expect(names(story).join('')).toBe('acdxb')
  })
})

describe('a set', () => {
  it('takes values from several managers, and loses those nobody wants', () => {
    const story = configMap()
    const finalizers = (...values: string[]) => ({ metadata: { finalizers: values } })
    story.applies('alice', finalizers('a/a', 'b/b'))
    story.applies('bob', finalizers('b/b', 'c/c'))
    expect(story.owners.bob).toEqual({ 'f:metadata': { 'f:finalizers': { 'v:"b/b"': {}, 'v:"c/c"': {} } } })
    story.applies('alice', {})
    expect(story.content).toEqual({ metadata: { finalizers: ['b/b', 'c/c'] } })
  })
})

describe('the status', () => {
  it('belongs to those who apply it through its subresource', () => {
    const story = service()
    const condition = { type: 'Ready', status: 'True', reason: 'X', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' }
    story.applies('alice', { ...spec({ selector: { a: 'b' } }), status: { conditions: [condition] } })
    story.applies('lb', { ...spec({ selector: { a: 'b' } }), metadata: { labels: { a: 'b' } }, status: { conditions: [condition] } }, { subresource: 'status' })
    expect(story.owners.alice).toEqual({ 'f:spec': { 'f:selector': {} } })
    expect(Object.keys(story.owners['lb status'])).toEqual(['f:status'])
  })
})

describe('an object from before the first apply', () => {
  it('belongs to a manager of that time', () => {
    const story = configMap()
    story.updates('editor', data({ a: '1' }))
    story.losesTrack()
    story.updates('editor', (object) => (object.data.a = '2'))
    expect(story.entries).toEqual([])
    expect(story.applies('alice', data({ a: '3' }))?.message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a')
    story.applies('alice', data({ b: '1' }))
    expect(story.owners).toEqual({ alice: { 'f:data': { 'f:b': {} } }, 'before-first-apply (Update)': { 'f:data': { '.': {}, 'f:a': {} } } })
  })
})

describe('kubectl', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
  const lastApplied = (fields: Plain) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it' }, data: fields })

  it('takes over what it applied on the client, and rewrites its note', () => {
    const story = configMap()
    story.updates('kubectl-client-side-apply', { ...data({ a: '1', b: '1' }), metadata: { annotations: { [annotation]: lastApplied({ a: '1', b: '1' }) } } })
    expect(story.applies('kubectl', data({ a: '2', b: '1' }))).toBeUndefined()
    expect(story.content.data).toEqual({ a: '2', b: '1' })
    expect(story.content.metadata.annotations[annotation]).toBe('{"apiVersion":"v1","data":{"a":"2","b":"1"},"kind":"ConfigMap","metadata":{"name":"it"}}\n')
  })

  it('is told only of what has changed since', () => {
    const story = configMap()
    story.updates('kubectl-client-side-apply', { ...data({ a: '1', b: '1' }), metadata: { annotations: { [annotation]: lastApplied({ a: '1', b: '1' }) } } })
    story.updates('editor', (object) => (object.data.b = '2'))
    expect(story.applies('kubectl', data({ a: '3', b: '3' }))?.message).toBe('Apply failed with 1 conflict: conflict with "editor" using v1: .data.b')
  })

  it('gives no such right to others', () => {
    const story = configMap()
    story.updates('kubectl-client-side-apply', { ...data({ a: '1' }), metadata: { annotations: { [annotation]: lastApplied({ a: '1' }) } } })
    expect(story.applies('alice', data({ a: '2' }))?.message).toContain('conflict with "kubectl-client-side-apply"')
  })
})

describe('a configuration is refused', () => {
  const badRequest = (message: string) => ({ code: 400, reason: 'BadRequest', message })
  const untyped = (message: string) => ({ code: 500, message: `failed to create typed patch object (/it; apps/v1, Kind=Deployment): ${message}` })

  it.each<[string, Plain, Plain]>([
    ['of another kind', { kind: 'Secret' }, badRequest('invalid object type: apps/v1, Kind=Secret')],
    ['of another version', { apiVersion: 'v1' }, badRequest('invalid object type: /v1, Kind=Deployment')],
    ['of no version', { apiVersion: undefined }, badRequest('invalid object type: /, Kind=Deployment')],
    ['that speaks of managers', { metadata: { managedFields: [] } }, badRequest('metadata.managedFields must be nil')],
    ['with a field that does not exist', spec({ nope: 1 }), untyped('.spec.nope: field not declared in schema')],
    [
      'with several wrongs',
      { spec: { replicas: '1', paused: 'yes' }, metadata: { labels: { a: 1 } } },
      untyped(
        'errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.paused: expected boolean, got &{yes}\n  .metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}',
      ),
    ],
    ['with a list for a map', spec({ selector: ['a'] }), untyped('.spec.selector: expected map, got &{[a]}')],
    ['with a map for a list', template({ name: 'a' } as never), untyped('.spec.template.spec.containers: expected list, got &{map[name:a]}')],
    ['with an element twice', template([{ name: 'a' }, { name: 'a' }]), untyped('.spec.template.spec.containers: duplicate entries for key [name="a"]')],
    [
      'with an element that is none',
      template([null as never]),
      untyped('.spec.template.spec.containers: element 0: associative list with keys may not have a null element'),
    ],
    [
      'with a wrong type in a list that is one whole',
      template([{ name: 'a', args: [1] }]),
      untyped('.spec.template.spec.containers[name="a"].args[0]: expected string, got &value.valueUnstructured{Value:1}'),
    ],
  ])('%s', (_name, content, expected) => {
    expect(deployment().applies('alice', content)).toMatchObject(expected)
  })

  it('with an element that lacks a key without a default', () => {
    const accounts = new Story('', 'v1', 'ServiceAccount')
    const element = 'element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)'
    expect(accounts.applies('alice', { secrets: [{ namespace: 'x' }] })?.message).toBe(
      `failed to create typed patch object (/it; /v1, Kind=ServiceAccount): .secrets: ${element}`,
    )
  })
})
