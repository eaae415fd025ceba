import { beforeEach, describe, expect, it } from 'vitest'
import { isStatus, keyOf, type Plain } from '../../src/machinery/index.js'
import { snapshotOf } from '../../src/registry/index.js'
import { resourceQuota } from '../../src/resources/index.js'
import { openRealm, refusalOf, type TestRealm, testNamespace } from '../support/realm.js'

const quotas = 'v1/resourcequotas'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

/** A quota as its controller leaves it. */
function limit(hard: Plain, used: Plain = Object.fromEntries(Object.keys(hard).map((name) => [name, '0'])), spec: Plain = {}, name = 'q'): void {
  realm.create(quotas, { metadata: { name }, spec: { hard, ...spec } })
  realm.change(quotas, name, (quota) => (quota.status = { hard, used }), 'status')
}

const usedOf = (name = 'q') => snapshotOf(realm.realm).get(resourceQuota, { namespace: testNamespace, name })?.status.used
const podOf = (name: string, resources: Plain = {}, spec: Plain = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'a', resources }], ...spec },
})
const pods = 'v1/pods'

describe('a quota', () => {
  it('books what is made, until there is no room', () => {
    limit({ pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' })
    const resources = { requests: { cpu: '400m' }, limits: { cpu: '1', memory: '256Mi' } }
    expect(refusalOf(realm.create(pods, podOf('a', resources)))).toBeUndefined()
    expect(usedOf()).toEqual({ 'limits.memory': '256Mi', pods: '1', 'requests.cpu': '400m' })
    realm.create(pods, podOf('b', resources))
    expect(refusalOf(realm.create(pods, podOf('c', resources)))).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=400m, used: pods=2,requests.cpu=800m, limited: pods=2,requests.cpu=1',
    )
    expect(usedOf()).toEqual({ 'limits.memory': '512Mi', pods: '2', 'requests.cpu': '800m' })
  })

  it('calls an object by its generated name', () => {
    limit({ 'count/configmaps': '0' })
    const refusal = refusalOf(realm.create('v1/configmaps', { metadata: { generateName: 'web-' } }))
    expect(refusal).toMatch(
      /^configmaps "web-[a-z0-9]{5}" is forbidden: exceeded quota: q, requested: count\/configmaps=1, used: count\/configmaps=0, limited: count\/configmaps=0$/,
    )
  })

  it('is not in force before its status is known', () => {
    realm.create(quotas, { metadata: { name: 'q' }, spec: { hard: { pods: '0' } } })
    expect(refusalOf(realm.create(pods, podOf('a')))).toBeUndefined()
    realm.change(quotas, 'q', (quota) => (quota.status = { hard: { pods: '0' } }), 'status')
    expect(refusalOf(realm.create(pods, podOf('b')))).toBe('pods "b" is forbidden: status unknown for quota: q, resources: pods')
  })

  it('wants to know what is limited of every container', () => {
    limit({ 'limits.cpu': '1', memory: '1Gi', pods: '5' })
    const two = { containers: ['c', 'b'].map((name) => ({ name, image: 'a', resources: { requests: { memory: '1Mi' } } })) }
    expect(refusalOf(realm.create(pods, podOf('a', {}, two)))).toBe('pods "a" is forbidden: failed quota: q: must specify limits.cpu for: b,c')
    expect(refusalOf(realm.create(pods, podOf('a')))).toBe('pods "a" is forbidden: failed quota: q: must specify limits.cpu for: c; memory for: c')
  })

  it.each<[string, string, Plain, Plain]>([
    ['a config map', 'v1/configmaps', {}, { configmaps: '1', 'count/configmaps': '1' }],
    [
      'a deployment',
      'apps/v1/deployments',
      { spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'a' }] } } } },
      { 'count/deployments.apps': '1' },
    ],
    ['a cluster IP', 'v1/services', { spec: { ports: [{ port: 1 }] } }, { services: '1', 'services.nodeports': '0', 'services.loadbalancers': '0' }],
    [
      'node ports',
      'v1/services',
      {
        spec: {
          type: 'NodePort',
          ports: [
            { port: 1, name: 'a' },
            { port: 2, name: 'b' },
          ],
        },
      },
      { services: '1', 'services.nodeports': '2', 'services.loadbalancers': '0' },
    ],
    ['a load balancer', 'v1/services', { spec: { type: 'LoadBalancer', ports: [{ port: 1 }] } }, { 'services.nodeports': '1', 'services.loadbalancers': '1' }],
    [
      'a load balancer without node ports',
      'v1/services',
      { spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 1 }] } },
      { 'services.nodeports': '0', 'services.loadbalancers': '1' },
    ],
    [
      'a claim',
      'v1/persistentvolumeclaims',
      { spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1500m' } } } },
      {
        persistentvolumeclaims: '1',
        'requests.storage': '2',
        'fast.storageclass.storage.k8s.io/requests.storage': '2',
        'slow.storageclass.storage.k8s.io/requests.storage': '0',
      },
    ],
    [
      'a pod of many parts',
      pods,
      {
        spec: {
          containers: [{ name: 'c', image: 'a', resources: { requests: { cpu: '1', 'example.com/gpu': '2' }, limits: { cpu: '1', 'example.com/gpu': '2' } } }],
          initContainers: [{ name: 'i', image: 'a', resources: { requests: { cpu: '3' }, limits: { cpu: '3' } } }],
        },
      },
      { cpu: '3', 'requests.cpu': '3', 'limits.cpu': '3', 'requests.example.com/gpu': '2', 'count/pods': '1' },
    ],
    ['an event', 'v1/events', { involvedObject: { namespace: testNamespace } }, { 'count/events': '0' }],
  ])('books %s', (_name, resource, object, used) => {
    limit(Object.fromEntries(Object.keys(used).map((name) => [name, '100'])))
    expect(refusalOf(realm.create(resource, { metadata: { name: 'a' }, ...object }))).toBeUndefined()
    expect(usedOf()).toEqual(used)
  })

  it.each<[string, Plain, Plain, number]>([
    ['best effort', { scopes: ['BestEffort'] }, podOf('a'), 1],
    ['not best effort', { scopes: ['NotBestEffort'] }, podOf('a'), 0],
    ['bounded in time', { scopes: ['Terminating'] }, podOf('a', {}, { activeDeadlineSeconds: 1 }), 1],
    ['unbounded', { scopes: ['NotTerminating'] }, podOf('a', {}, { activeDeadlineSeconds: 1 }), 0],
    ['of some priority', { scopes: ['PriorityClass'] }, podOf('a'), 0],
    [
      'without a priority of these',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      podOf('a'),
      1,
    ],
    [
      'near pods elsewhere',
      { scopes: ['CrossNamespacePodAffinity'] },
      podOf(
        'a',
        {},
        { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'k', labelSelector: {}, namespaces: ['x'] }] } } },
      ),
      1,
    ],
  ])('counts only pods in its scope: %s', (_name, spec, pod, count) => {
    limit({ pods: '5' }, { pods: '0' }, spec)
    expect(refusalOf(realm.create(pods, pod))).toBeUndefined()
    expect(usedOf()).toEqual({ pods: String(count) })
  })

  it('books of a change only what is more', () => {
    limit({ 'services.nodeports': '2' })
    realm.create('v1/services', { metadata: { name: 'a' }, spec: { type: 'NodePort', ports: [{ port: 1, name: 'a' }] } })
    const add = (count: number) => (service: Plain) =>
      (service.spec.ports = Array.from({ length: count }, (_, index) => ({ port: index + 1, name: `p${index}` })))
    expect(refusalOf(realm.change('v1/services', 'a', add(2)))).toBeUndefined()
    expect(usedOf()).toEqual({ 'services.nodeports': '2' })
    expect(refusalOf(realm.change('v1/services', 'a', add(4)))).toBe(
      'services "a" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=2',
    )
    expect(refusalOf(realm.change('v1/services', 'a', ({ metadata }) => (metadata.labels = { a: 'b' })))).toBeUndefined()
  })

  it('books on all quotas or on none', () => {
    limit({ pods: '5' }, { pods: '0' }, {}, 'a')
    limit({ pods: '0' }, { pods: '0' }, {}, 'b')
    expect(isStatus(realm.create(pods, podOf('a')))).toBe(true)
    expect([usedOf('a'), usedOf('b')]).toEqual([{ pods: '0' }, { pods: '0' }])
  })

  it('may be switched off', () => {
    realm = openRealm({ admission: { disabledPlugins: ['ResourceQuota'] } })
    limit({ pods: '0' })
    expect(keyOf(realm.create(pods, podOf('a')) as never).name).toBe('a')
  })
})
