// What every namespace is given, and how one goes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigMap, Namespace } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const own = ['serviceaccount-controller', 'root-ca-certificate-publisher-controller', 'namespace-controller']

beforeEach(async () => {
  cluster = openTestCluster({ only: own, clusterCA: 'PEM' })
  cluster.create('v1/namespaces', { metadata: { name: 'x' } })
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

const namespaceX = () => cluster.get<Namespace>('v1/namespaces', 'x')
const certificate = () => cluster.get<ConfigMap>('v1/configmaps', 'kube-root-ca.crt', 'x')

describe('a namespace', () => {
  it('has a default account and the root certificate', () => {
    expect(cluster.get('v1/serviceaccounts', 'default', 'x')).toBeDefined()
    expect(certificate()).toMatchObject({
      data: { 'ca.crt': 'PEM' },
      metadata: { annotations: { 'kubernetes.io/description': expect.stringContaining('Contains a CA bundle') } },
    })
  })

  it('gets both back when they are deleted or spoilt', async () => {
    cluster.delete('v1/serviceaccounts', 'default', { namespace: 'x' })
    cluster.patch('v1/configmaps', 'kube-root-ca.crt', { data: { 'ca.crt': 'other', more: 'x' } }, { namespace: 'x' })
    await cluster.settled()
    expect(cluster.get('v1/serviceaccounts', 'default', 'x')).toBeDefined()
    expect(certificate()?.data).toEqual({ 'ca.crt': 'PEM' })
    cluster.delete('v1/configmaps', 'kube-root-ca.crt', { namespace: 'x' })
    await cluster.settled()
    expect(certificate()?.data).toEqual({ 'ca.crt': 'PEM' })
  })

  it('goes with everything in it', async () => {
    cluster.create('v1/secrets', { metadata: { name: 's', namespace: 'x' } })
    cluster.create('apps/v1/deployments', {
      metadata: { name: 'd', namespace: 'x' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    })
    cluster.create('v1/secrets', { metadata: { name: 's', namespace: 'default' } })
    cluster.delete('v1/namespaces', 'x')
    await cluster.settled()
    expect(namespaceX()).toBeUndefined()
    expect(cluster.list('v1/secrets').length).toBe(1)
    expect(cluster.list('apps/v1/deployments')).toEqual([])
  })

  it('waits for what a finalizer holds, and says so', async () => {
    cluster.create('v1/configmaps', { metadata: { name: 'held', namespace: 'x', finalizers: ['example.com/hold'] } })
    cluster.delete('v1/namespaces', 'x')
    await cluster.settled()
    const time = '2026-11-22T11:05:39Z'
    expect(namespaceX()?.status).toEqual({
      phase: 'Terminating',
      conditions: [
        {
          type: 'NamespaceDeletionDiscoveryFailure',
          status: 'False',
          lastTransitionTime: time,
          reason: 'ResourcesDiscovered',
          message: 'All resources successfully discovered',
        },
        {
          type: 'NamespaceDeletionGroupVersionParsingFailure',
          status: 'False',
          lastTransitionTime: time,
          reason: 'ParsedGroupVersions',
          message: 'All legacy kube types successfully parsed',
        },
        {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          lastTransitionTime: time,
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
        {
          type: 'NamespaceContentRemaining',
          status: 'True',
          lastTransitionTime: time,
          reason: 'SomeResourcesRemain',
          message: 'Some resources are remaining: configmaps. has 1 resource instances',
        },
        {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          lastTransitionTime: time,
          reason: 'SomeFinalizersRemain',
          message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
        },
      ],
    })
    expect(cluster.get('v1/serviceaccounts', 'default', 'x')).toBeUndefined()
    cluster.patch('v1/configmaps', 'held', { metadata: { finalizers: null } }, { namespace: 'x' })
    await cluster.settled()
    expect(namespaceX()).toBeUndefined()
  })

  it('counts what is left by kind and by finalizer, in order', async () => {
    const held = (name: string, ...finalizers: string[]) => ({ metadata: { name, namespace: 'x', finalizers } })
    cluster.create('v1/secrets', held('a', 'example.com/b', 'example.com/a'))
    cluster.create('v1/secrets', held('b', 'example.com/b'))
    cluster.create('coordination.k8s.io/v1/leases', held('l', 'example.com/a'))
    cluster.delete('v1/namespaces', 'x')
    await cluster.settled()
    expect(
      namespaceX()
        ?.status.conditions?.map(({ message }) => message)
        .slice(3),
    ).toEqual([
      'Some resources are remaining: leases.coordination.k8s.io has 1 resource instances, secrets. has 2 resource instances',
      'Some content in the namespace has finalizers remaining: example.com/a in 2 resource instances, example.com/b in 2 resource instances',
    ])
  })

  it('lets pods go before the rest', async () => {
    cluster.create('v1/pods', { metadata: { name: 'p', namespace: 'x', finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'i' }] } })
    cluster.create('v1/secrets', { metadata: { name: 's', namespace: 'x' } })
    cluster.delete('v1/namespaces', 'x')
    await cluster.settled()
    expect(cluster.get('v1/secrets', 's', 'x')).toBeDefined()
    expect(namespaceX()?.status.conditions?.map(({ status }) => status)).toEqual(['False', 'False', 'False', 'False', 'False'])
    cluster.patch('v1/pods', 'p', { metadata: { finalizers: null } }, { namespace: 'x' })
    await cluster.settled()
    expect(namespaceX()).toBeUndefined()
  })

  it('stays for finalizers of its own', async () => {
    cluster.patch('v1/namespaces', 'x', { metadata: { finalizers: ['example.com/mine'] } })
    cluster.delete('v1/namespaces', 'x')
    await cluster.settled()
    expect(namespaceX()?.spec.finalizers).toBeUndefined()
    cluster.patch('v1/namespaces', 'x', { metadata: { finalizers: null } })
    expect(namespaceX()).toBeUndefined()
  })
})
