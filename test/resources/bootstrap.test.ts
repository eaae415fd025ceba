import { describe, expect, it } from 'vitest'
import { canonicalize, type Plain } from '../../src/machinery/index.js'
import { bootstrapObjects } from '../../src/resources/index.js'

const inputs = {
  now: Date.parse('2024-01-02T03:04:05Z'),
  serviceClusterIPRanges: ['10.96.0.0/16'],
  kubernetesServiceIP: '10.96.0.1',
  advertiseAddress: '192.0.2.1',
  securePort: 6443,
  clientCA: 'pem',
}
const writes = bootstrapObjects(inputs)
const objects = (kind: string) => [
  ...new Map(writes.filter(({ object }) => object.kind === kind).map(({ object }) => [object.metadata.name, object as Plain])).values(),
]

describe('a fresh cluster', () => {
  it.each([
    ['Namespace', 4],
    ['APIService', 21],
    ['PriorityClass', 2],
    ['PriorityLevelConfiguration', 8],
    ['FlowSchema', 11],
    ['ClusterRole', 68],
    ['ClusterRoleBinding', 49],
    ['ConfigMap', 2],
    ['ServiceCIDR', 1],
    ['IPAddress', 1],
    ['Service', 1],
    ['Endpoints', 1],
    ['EndpointSlice', 1],
  ])('has %s: %i', (kind, count) => {
    expect(objects(kind)).toHaveLength(count)
  })

  it('has only objects of their shape', () => {
    for (const { definition, object } of writes) expect(canonicalize(definition.shape, object), object.metadata.name).toMatchObject({ hasUnknown: false })
  })

  it('is born namespaces first, with the Service of the API after its address', () => {
    const kinds = writes.map(({ object }) => object.kind)
    expect(kinds[0]).toBe('Namespace')
    expect(kinds.indexOf('IPAddress')).toBeLessThan(kinds.indexOf('Service'))
    expect(kinds.indexOf('ClusterRole')).toBeLessThan(kinds.indexOf('ClusterRoleBinding'))
  })

  it('is reached under the first address of its range', () => {
    const [service] = objects('Service')
    expect(service.spec).toMatchObject({ clusterIP: '10.96.0.1', ports: [{ port: 443, targetPort: 6443 }] })
    expect(objects('EndpointSlice')[0]).toMatchObject({ addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }] })
  })

  it('gathers admin from what edit and its own part may do, each rule once', () => {
    const [view, edit, admin] = ['view', 'edit', 'admin'].map((name) => objects('ClusterRole').find(({ metadata }) => metadata.name === name) as Plain)
    expect([view, edit, admin].map(({ rules }) => rules.length)).toEqual([12, 27, 29])
    expect(admin.rules).toEqual(expect.arrayContaining(edit.rules))
  })

  it('lets masters do everything', () => {
    const clusterAdmin = objects('ClusterRole').find(({ metadata }) => metadata.name === 'cluster-admin')
    expect(clusterAdmin?.rules).toEqual([
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ])
  })
})
