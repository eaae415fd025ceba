import { beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import { openRealm, type TestRealm } from '../support/realm.js'
import { ownersOf, patchIn, type Request, scaleIn, scaleOf } from './patching.js'

let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const map: [string, string] = ['v1/configmaps', 'cm']
const web: [string, string] = ['apps/v1/deployments', 'web']
const configMap = (data?: Plain, metadata: Plain = {}) => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'cm', ...metadata },
  ...(data ? { data } : {}),
})
const apply = (target: [string, string], configuration: unknown, fieldManager = 'alice', request: Request = {}) =>
  patchIn(realm, 'apply', target, configuration, { fieldManager, ...request })
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } }
const deployment = (spec: Plain = {}) => ({
  kind: 'Deployment',
  apiVersion: 'apps/v1',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
})

describe('applying', () => {
  it('creates what does not exist, and changes it then', () => {
    const created = apply(map, configMap({ a: '1' }))
    expect(created).toMatchObject({ code: 201, object: { data: { a: '1' }, metadata: { namespace: 'samples' } } })
    expect(ownersOf(created.object)).toEqual({ alice: { 'f:data': { 'f:a': {} } } })
    const changed = apply(map, configMap({ b: '2' }))
    expect(changed).toMatchObject({ code: 200, object: { data: { b: '2' } } })
  })

  it('writes nothing when it changes nothing', () => {
    const first = apply(map, configMap({ a: '1' })).object as KubeObject
    const second = apply(map, configMap({ a: '1' })).object as KubeObject
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    expect(second).toEqual(first)
  })

  it('writes down a new owner of what stands', () => {
    const first = apply(map, configMap({ a: '1' })).object as KubeObject
    const second = apply(map, configMap({ a: '1' }), 'bob').object as KubeObject
    expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
    expect(Object.keys(ownersOf(second))).toEqual(['bob', 'alice'])
  })

  it('owns neither defaults nor what admission adds', () => {
    const { object } = apply(['v1/pods', 'p'], {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'busybox' }] },
    })
    expect((object as Plain).spec.serviceAccountName).toBe('default')
    expect(ownersOf(object)).toEqual({ alice: { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } } })
  })

  it('leaves nothing behind when it is a dry run', () => {
    expect(apply(map, configMap({ a: '1' }), 'alice', { dryRun: true })).toMatchObject({ code: 201, object: { data: { a: '1' } } })
    apply(map, configMap({ b: '1' }))
    const { object } = apply(map, configMap({ b: '2' }), 'alice', { dryRun: true })
    expect(object).toMatchObject({ data: { b: '2' } })
    expect(apply(map, configMap({ b: '1' })).object).toMatchObject({ data: { b: '1' } })
  })

  it('changes the status through its subresource only', () => {
    const service = ['v1/services', 'svc'] as [string, string]
    const body = (more: Plain) => ({ kind: 'Service', apiVersion: 'v1', metadata: { name: 'svc' }, ...more })
    const condition = { type: 'R', status: 'True', reason: 'X', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' }
    apply(service, body({ spec: { ports: [{ port: 80 }] }, status: { conditions: [condition] } }))
    const { object } = apply(service, body({ spec: { ports: [{ port: 81 }] }, status: { conditions: [condition] } }), 'lb', { subresource: 'status' })
    expect(object).toMatchObject({ spec: { ports: [{ port: 80 }] }, status: { conditions: [condition] } })
    expect(Object.keys(ownersOf(object)['lb status'])).toEqual(['f:status'])
  })

  it('tells conflicts, which force ends', () => {
    apply(map, configMap({ a: '1' }))
    expect(apply(map, configMap({ a: '2' }), 'bob').object).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "alice": .data.a',
    })
    expect(apply(map, configMap({ a: '2' }), 'bob', { force: true })).toMatchObject({ code: 200, object: { data: { a: '2' } } })
  })

  it('checks the version it names', () => {
    const { metadata } = apply(map, configMap({ a: '1' })).object as KubeObject
    expect(apply(map, configMap({ a: '2' }, { resourceVersion: metadata.resourceVersion })).code).toBe(200)
    expect(apply(map, configMap({ a: '3' }, { resourceVersion: metadata.resourceVersion })).object).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  it('sees an object through another version of its kind', () => {
    const autoscaler = (version: string, spec: Plain) => ({
      kind: 'HorizontalPodAutoscaler',
      apiVersion: `autoscaling/${version}`,
      metadata: { name: 'hpa' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, ...spec },
    })
    const target = (version: string): [string, string] => [`autoscaling/${version}/horizontalpodautoscalers`, 'hpa']
    apply(target('v1'), autoscaler('v1', { maxReplicas: 3, minReplicas: 2 }))
    expect(apply(target('v2'), autoscaler('v2', { maxReplicas: 4 }), 'bob').object).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "alice": .spec.maxReplicas',
    })
    const { object } = apply(target('v2'), autoscaler('v2', { maxReplicas: 3 }))
    expect(object).toMatchObject({ spec: { maxReplicas: 3, minReplicas: 1 } })
    expect((object as KubeObject).metadata.managedFields).toMatchObject([{ manager: 'alice', apiVersion: 'autoscaling/v2' }])
  })

  const badRequest = (message: string) => ({ code: 400, reason: 'BadRequest', message })
  const notDecoded = 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal'

  it.each<[string, unknown, Plain]>([
    ['no object', ['a'], badRequest(`${notDecoded} array into Go value of type map[string]interface {}`)],
    ['nothing', null, badRequest('invalid object type: /, Kind=')],
    ['another kind', { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'cm' } }, badRequest('invalid object type: /v1, Kind=Secret')],
    ['another name', configMap({}, { name: 'other' }), badRequest('the name of the object (other) does not match the name on the URL (cm)')],
    [
      'no name',
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: {} },
      badRequest('the name of the object (cm based on URL) was undeterminable: name must be provided'),
    ],
    [
      'another namespace',
      configMap({}, { namespace: 'other' }),
      badRequest('the namespace of the provided object does not match the namespace sent on the request'),
    ],
    [
      'a uid of what does not exist',
      configMap({}, { uid: 'u-1' }),
      {
        code: 409,
        message: 'Operation cannot be fulfilled on configmaps "cm": uid mismatch: the provided object specified uid u-1, and no existing object was found',
      },
    ],
    ['managers', configMap({}, { managedFields: [{}] }), badRequest('metadata.managedFields must be nil')],
    [
      'an unknown field',
      { ...configMap({}), nope: 1 },
      { code: 500, message: 'failed to create typed patch object (/cm; /v1, Kind=ConfigMap): .nope: field not declared in schema' },
    ],
    ['a value that only its type refuses', configMap(undefined, { labels: { 'not a key!': 'x' } }), { code: 422, reason: 'Invalid' }],
  ])('refuses %s', (_name, configuration, expected) => {
    const { code, object } = apply(map, configuration)
    expect(code).toBe(0)
    expect(object).toMatchObject(expected)
  })

  it('refuses what is of the right JSON type and not of the type', () => {
    const quota = { kind: 'ResourceQuota', apiVersion: 'v1', metadata: { name: 'q' }, spec: { hard: { pods: 'many' } } }
    expect(apply(['v1/resourcequotas', 'q'], quota).object).toMatchObject({
      code: 500,
      message: expect.stringMatching(/^failed to convert new typed object \(\/q; \/v1, Kind=ResourceQuota\) to object: quantities must match/),
    })
  })

  it('creates nothing through a subresource', () => {
    expect(apply(web, { ...deployment(), status: {} }, 'alice', { subresource: 'status' }).object).toMatchObject({
      code: 404,
      message: 'deployments.apps "web" not found',
    })
  })

  it('tells keys that stand twice when all else is well', () => {
    const problems = ['line 3: key "a" already set in map']
    expect(apply(map, configMap({ a: '1' }), 'alice', { problems }).warnings).toEqual(problems)
    expect(apply(map, configMap({ a: '1' }), 'alice', { problems, fieldValidation: 'Ignore' }).warnings).toEqual([])
    expect(apply(map, configMap({ a: '1' }), 'alice', { problems, fieldValidation: 'Strict' }).object).toMatchObject(
      badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${problems[0]}`),
    )
  })
})

describe('a scale', () => {
  const scale = (replicas: number, metadata: Plain = {}) => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: 'web', ...metadata },
    spec: { replicas },
  })
  const current = () => apply(web, { kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name: 'web' } }, 'reader').object as KubeObject & Plain
  const replicasOf = (owner: Plain | undefined) => owner?.['f:spec']?.['f:replicas']

  it('takes the replicas from who owned them, without a time', () => {
    realm.create('apps/v1/deployments', deployment())
    expect(scaleIn(realm, web, scale(3), 'kubectl')).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    const object = current()
    expect(object.spec.replicas).toBe(3)
    expect(replicasOf(ownersOf(object)['test (Update)'])).toBeUndefined()
    expect(ownersOf(object)['kubectl scale (Update)']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    const entry = object.metadata.managedFields?.find(({ manager }) => manager === 'kubectl')
    expect(entry).toEqual({
      manager: 'kubectl',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      subresource: 'scale',
    })
  })

  it('leaves owners as they are when it changes nothing', () => {
    realm.create('apps/v1/deployments', deployment())
    const before = ownersOf(current())
    scaleIn(realm, web, scale(1), 'kubectl')
    expect(ownersOf(current())).toEqual(before)
  })

  it('is not tracked where nobody owns the replicas', () => {
    apply(web, deployment())
    patchIn(realm, 'merge', web, { spec: { replicas: 5 } }, { subresource: 'scale', fieldManager: 'hpa' })
    expect(scaleOf(realm, ...web).spec.replicas).toBe(5)
    expect(Object.keys(ownersOf(current()))).toEqual(['alice'])
  })

  it('can be applied, and is in conflict with who owns the replicas', () => {
    apply(web, deployment({ replicas: 2 }))
    const asScale = { subresource: 'scale' }
    expect(apply(web, scale(3), 'bob', asScale).object).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "alice": .spec.replicas',
    })
    expect(apply(web, scale(3), 'bob', { ...asScale, force: true })).toMatchObject({ code: 200, object: { kind: 'Scale', spec: { replicas: 3 } } })
    const owners = ownersOf(current())
    expect(replicasOf(owners.alice)).toBeUndefined()
    expect(owners['bob scale']).toEqual({ 'f:spec': { 'f:replicas': {} } })
    expect(apply(web, deployment({ replicas: 4 })).object).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "bob" with subresource "scale": .spec.replicas',
    })
  })

  it('is refused for another name, another version and too few', () => {
    realm.create('apps/v1/deployments', deployment())
    expect(scaleIn(realm, web, scale(1, { name: 'other' }))).toMatchObject({
      message: 'the name of the object (other) does not match the name on the URL (web)',
    })
    expect(scaleIn(realm, web, scale(1, { resourceVersion: '1' }))).toMatchObject({ code: 409 })
    expect(scaleIn(realm, web, scale(-1))).toMatchObject({
      message: 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    })
  })
})
