// Simulated nodes, those that fail, and what that means for pods.
import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import type { EndpointSlice, Event, Node, Pod } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster, type TestClusterOptions } from '../support/cluster.js'

let cluster: TestCluster

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

async function open(options: TestClusterOptions): Promise<void> {
  cluster = openTestCluster(options)
  await cluster.settled()
}

const nodes = 'v1/nodes'
const pods = 'v1/pods'
const nodeOf = (name: string) => cluster.get<Node>(nodes, name) as Node
const podOf = (name: string) => cluster.get<Pod>(pods, name)
const simulated = { annotations: { 'kubedouble.dev/simulated': 'true' } }
const reasons = () => cluster.list<Event>('v1/events').map(({ reason }) => reason)

async function run(name: string, more: Plain = {}): Promise<void> {
  cluster.create(pods, { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i:1' }], ...more } })
  await cluster.settled()
}

describe('a simulated node', () => {
  it('is ready, and has all that describes it', async () => {
    await open({ nodes: 3 })
    const { metadata, spec, status } = nodeOf('node-1')
    expect(metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'node-1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'topology.kubernetes.io/zone': 'zone-b',
    })
    expect(spec).toEqual({ podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] })
    expect(status.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
      ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
      ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
      ['Ready', 'True', 'KubeletReady'],
    ])
    expect(status.addresses).toEqual([
      { type: 'InternalIP', address: '172.18.0.3' },
      { type: 'Hostname', address: 'node-1' },
    ])
    expect(status.allocatable).toMatchObject({ cpu: '32', memory: '256Gi', pods: '110' })
    expect(status.nodeInfo).toMatchObject({ kubeletVersion: 'v1.35.4', operatingSystem: 'linux', architecture: 'amd64' })
  })

  it('holds a Lease that belongs to it', async () => {
    await open({ nodes: 1 })
    const lease = () => cluster.get<KubeObject & Plain>('coordination.k8s.io/v1/leases', 'node-0', 'kube-node-lease')
    expect(lease()).toMatchObject({
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-0', uid: nodeOf('node-0').metadata.uid }] },
      spec: { holderIdentity: 'node-0', leaseDurationSeconds: 40 },
    })
    cluster.delete('coordination.k8s.io/v1/leases', 'node-0', { namespace: 'kube-node-lease' })
    await cluster.settled()
    expect(lease()).toBeDefined()
    cluster.delete(nodes, 'node-0')
    await cluster.settled()
    expect(lease()).toBeUndefined()
  })

  it('writes nothing while nothing happens', async () => {
    await open({ nodes: 3 })
    await run('web')
    // Events are forgotten in time; after that there is nothing left to do.
    await cluster.advance(2 * 3600_000)
    const { revision } = cluster.realm.store
    await cluster.advance(24 * 3600_000)
    expect(cluster.realm.store.revision).toBe(revision)
    expect(cluster.clock.nextDue).toBeUndefined()
  })

  it('may be made by a client, with nothing but the annotation', async () => {
    await open({ nodes: 2 })
    cluster.create(nodes, { metadata: { name: 'mine', ...simulated } })
    await cluster.settled()
    expect(nodeOf('mine')).toMatchObject({
      metadata: { labels: { 'kubernetes.io/hostname': 'mine' }, annotations: { ...simulated.annotations, 'node.alpha.kubernetes.io/ttl': '0' } },
      spec: { podCIDR: '10.244.2.0/24' },
      status: { addresses: [{ address: '172.18.0.4' }, { type: 'Hostname', address: 'mine' }], allocatable: { pods: '110' } },
    })
    expect(nodeOf('mine').spec.taints).toBeUndefined()
  })

  it('keeps the sizes it was made with', async () => {
    await open({})
    cluster.create(nodes, { metadata: { name: 'small', ...simulated }, status: { capacity: { cpu: '2', pods: '3' } } })
    await cluster.settled()
    expect(nodeOf('small').status.allocatable).toMatchObject({ cpu: '2', pods: '3', memory: '256Gi' })
  })

  it('takes the part of the pod network that another left', async () => {
    await open({ nodes: 2, clusterCIDRs: ['10.244.0.0/23'] })
    cluster.create(nodes, { metadata: { name: 'late', ...simulated } })
    await cluster.settled()
    expect(nodeOf('late').spec.podCIDR).toBeUndefined()
    expect(reasons()).toContain('CIDRNotAvailable')
    cluster.delete(nodes, 'node-0')
    await cluster.settled()
    expect(nodeOf('late').spec.podCIDR).toBe('10.244.0.0/24')
  })

  it('waits for its part of the pod network in turn', async () => {
    await open({ nodes: 3, clusterCIDRs: ['10.244.0.0/22'], serviceCIDRs: ['10.244.3.0/28'] })
    for (const name of ['late-b', 'late-a', 'late-c']) cluster.create(nodes, { metadata: { name, ...simulated } })
    await cluster.settled()
    const parts = () => ['late-a', 'late-b', 'late-c'].map((name) => nodeOf(name).spec.podCIDR)
    expect(parts()).toEqual([undefined, undefined, undefined])
    cluster.delete(nodes, 'node-1')
    cluster.delete(nodes, 'node-2')
    await cluster.settled()
    expect(parts()).toEqual(['10.244.1.0/24', '10.244.2.0/24', undefined])
    cluster.delete(nodes, 'late-a')
    await cluster.settled()
    expect(nodeOf('late-c').spec.podCIDR).toBe('10.244.1.0/24')
  })

  it('gets nothing of what another has taken, however large that is', async () => {
    await open({ clusterCIDRs: ['10.128.0.0/9'] })
    cluster.create(nodes, { metadata: { name: 'greedy' }, spec: { podCIDR: '10.128.0.0/12', podCIDRs: ['10.128.0.0/12'] } })
    cluster.create(nodes, { metadata: { name: 'elsewhere' }, spec: { podCIDR: '192.168.0.0/24', podCIDRs: ['192.168.0.0/24'] } })
    cluster.create(nodes, { metadata: { name: 'addressed' }, status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] } })
    cluster.create(nodes, { metadata: { name: 'mine', ...simulated } })
    await cluster.settled()
    expect(nodeOf('mine')).toMatchObject({ spec: { podCIDR: '10.144.0.0/24' }, status: { addresses: [{ address: '172.18.0.3' }, { address: 'mine' }] } })
  })

  it('has as much of the pod network as is told', async () => {
    await open({ clusterCIDRs: ['10.0.0.0/8'], nodeMaskSizes: { IPv4: 30 } })
    cluster.create(nodes, { metadata: { name: 'one', ...simulated } })
    cluster.create(nodes, { metadata: { name: 'two', ...simulated } })
    await cluster.settled()
    expect([nodeOf('one').spec.podCIDR, nodeOf('two').spec.podCIDR]).toEqual(['10.0.0.0/30', '10.0.0.4/30'])
    await run('web', { nodeName: 'two' })
    expect(podOf('web')?.status?.podIP).toBe('10.0.0.6')
  })

  it('gives the addresses of its part to pods of all namespaces, and each again when its pod is gone', async () => {
    await open({ clusterCIDRs: ['10.0.0.0/16'], nodeMaskSizes: { IPv4: 29 } })
    cluster.create(nodes, { metadata: { name: 'one', ...simulated } })
    const runIn = (namespace: string, name: string) =>
      cluster.create(pods, { metadata: { namespace, name }, spec: { nodeName: 'one', containers: [{ name: 'c', image: 'i:1' }] } })
    for (const [index, namespace] of ['kube-system', 'default', 'kube-system', 'default', 'default', 'kube-system'].entries()) {
      runIn(namespace, `p-${index}`)
      await cluster.settled()
    }
    const addressOf = (namespace: string, name: string) => cluster.get<Pod>(pods, name, namespace)?.status?.podIP
    expect([addressOf('kube-system', 'p-0'), addressOf('default', 'p-1'), addressOf('default', 'p-4')]).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.6'])
    expect(addressOf('kube-system', 'p-5')).toBeUndefined()
    cluster.delete(pods, 'p-1')
    await cluster.advance(10_000)
    expect(addressOf('kube-system', 'p-5')).toBe('10.0.0.3')
  })

  it('has an address of its own, and a part of the pod network, among hundreds', async () => {
    await open({ clusterCIDRs: ['10.128.0.0/9'] })
    for (let index = 0; index < 300; index++) cluster.create(nodes, { metadata: { name: `n-${index}`, ...simulated } })
    await cluster.settled()
    const all = cluster.list<Node>(nodes)
    expect(new Set(all.map(({ status }) => status.addresses?.[0].address)).size).toBe(300)
    expect(new Set(all.map(({ spec }) => spec.podCIDR)).size).toBe(300)
    expect(all.some(({ spec }) => spec.podCIDR === '10.129.43.0/24')).toBe(true)
    expect(all.some(({ status }) => status.addresses?.[0].address === '172.18.1.45')).toBe(true)
  })

  it('has addresses of both families where pods do', async () => {
    await open({ clusterCIDRs: ['10.244.0.0/16', 'fd00:10:244::/56'] })
    cluster.create(nodes, { metadata: { name: 'dual', ...simulated } })
    await cluster.settled()
    expect(nodeOf('dual').spec.podCIDRs).toEqual(['10.244.0.0/24', 'fd00:10:244::/64'])
    await run('web')
    expect(podOf('web')?.status).toMatchObject({
      podIPs: [{ ip: '10.244.0.2' }, { ip: 'fd00:10:244::2' }],
      hostIPs: [{ ip: '172.18.0.2' }, { ip: 'fd00:172:18::2' }],
    })
  })
})

describe('a node', () => {
  it('that is not simulated belongs to its client', async () => {
    await open({})
    cluster.create(nodes, { metadata: { name: 'theirs' } })
    await cluster.settled()
    expect(nodeOf('theirs')).toMatchObject({ spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] } })
    expect(nodeOf('theirs').spec.podCIDR).toBeUndefined()
    expect(nodeOf('theirs').status.conditions).toBeUndefined()
    cluster.patch(nodes, 'theirs', { status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { pods: '10' } } }, { subresource: 'status' })
    await cluster.settled()
    expect(nodeOf('theirs').spec.taints).toBeUndefined()
    await run('web')
    expect(podOf('web')).toMatchObject({ spec: { nodeName: 'theirs' }, status: { phase: 'Pending' } })
    expect(podOf('web')?.status?.containerStatuses).toBeUndefined()
  })

  it('that is cordoned or under pressure is tainted so', async () => {
    await open({ nodes: 1 })
    cluster.patch(nodes, 'node-0', { spec: { unschedulable: true, taints: [{ key: 'own', effect: 'NoSchedule' }] } })
    await cluster.settled()
    expect(nodeOf('node-0').spec.taints?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      'own:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ])
    cluster.patch(nodes, 'node-0', { spec: { unschedulable: null } })
    await cluster.settled()
    expect(nodeOf('node-0').spec.taints?.map(({ key }) => key)).toEqual(['own'])
  })

  it.each([
    ['false', 'False', 'not-ready'],
    ['unknown', 'Unknown', 'unreachable'],
  ])('that is told ready: %s is tainted, its pods are not ready and go when their patience ends', async (word, status, taint) => {
    await open({ nodes: 2 })
    await run('web')
    await run('patient', { tolerations: [{ operator: 'Exists' }] })
    const name = podOf('web')?.spec.nodeName as string
    cluster.patch(nodes, name, { metadata: { annotations: { 'kubedouble.dev/ready': word } } })
    await cluster.settled()
    expect(nodeOf(name).status.conditions?.find(({ type }) => type === 'Ready')?.status).toBe(status)
    expect(nodeOf(name).spec.taints?.map(({ key, effect }) => [key, effect])).toEqual([
      [`node.kubernetes.io/${taint}`, 'NoSchedule'],
      [`node.kubernetes.io/${taint}`, 'NoExecute'],
    ])
    expect(podOf('web')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('False')
    expect(reasons()).toContain('NodeNotReady')
    await cluster.advance(299_000)
    expect(podOf('web')?.metadata.deletionTimestamp).toBeUndefined()
    await cluster.advance(1_000)
    expect(podOf('web')?.metadata.deletionTimestamp).toBeDefined()
    expect(podOf('web')?.status?.conditions?.at(-1)).toMatchObject({
      type: 'DisruptionTarget',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    })
    expect(podOf('patient')?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('fails and comes back in stages, each in its time', async () => {
    await open({ nodes: 2 })
    await run('web')
    cluster.create('v1/services', { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
    cluster.patch(pods, 'web', { metadata: { labels: { app: 'web' } } })
    await cluster.settled()
    const name = podOf('web')?.spec.nodeName as string
    const state = () => [
      nodeOf(name).status.conditions?.find(({ type }) => type === 'Ready')?.status,
      nodeOf(name).spec.taints?.length ?? 0,
      podOf('web')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status,
      podOf('web')?.metadata.deletionTimestamp ? 'leaving' : 'staying',
      cluster.list<EndpointSlice>('discovery.k8s.io/v1/endpointslices')[0].endpoints?.map(({ conditions }) => conditions?.ready)[0],
    ]
    cluster.patch(nodes, name, { metadata: { annotations: { 'kubedouble.dev/ready': 'unknown', 'kubedouble.dev/fail-after': '50s' } } })
    const seen: unknown[] = []
    for (const seconds of [49, 1, 299, 1]) {
      await cluster.advance(seconds * 1000)
      seen.push(state())
    }
    cluster.patch(nodes, name, { metadata: { annotations: { 'kubedouble.dev/ready': null } } })
    await cluster.settled()
    expect(seen).toEqual([
      ['True', 0, 'True', 'staying', true],
      ['Unknown', 2, 'False', 'staying', false],
      ['Unknown', 2, 'False', 'staying', false],
      ['Unknown', 2, 'False', 'leaving', false],
    ])
    expect(nodeOf(name).spec.taints).toBeUndefined()
    expect(podOf('web')).toBeUndefined()
    expect(cluster.list<EndpointSlice>('discovery.k8s.io/v1/endpointslices')[0].endpoints ?? []).toEqual([])
  })

  it('that has failed stays so when its client says something else', async () => {
    await open({ nodes: 1 })
    const annotations = { 'kubedouble.dev/ready': 'false', 'kubedouble.dev/fail-after': '10s' }
    cluster.patch(nodes, 'node-0', { metadata: { annotations } })
    await cluster.advance(10_000)
    cluster.patch(nodes, 'node-0', { metadata: { annotations: { other: 'word' } } })
    await cluster.settled()
    expect(nodeOf('node-0').status.conditions?.at(-1)).toMatchObject({ type: 'Ready', status: 'False', reason: 'KubeletNotReady' })
  })

  it('may take its time to become ready', async () => {
    await open({})
    cluster.create(nodes, { metadata: { name: 'slow', annotations: { ...simulated.annotations, 'kubedouble.dev/ready-after': '10s' } } })
    await run('web')
    await cluster.advance(9_000)
    expect(nodeOf('slow').status.conditions?.at(-1)).toMatchObject({ status: 'False', reason: 'KubeletNotReady' })
    expect(podOf('web')?.spec.nodeName).toBeUndefined()
    await cluster.advance(1_000)
    expect(nodeOf('slow').status.conditions?.at(-1)).toMatchObject({ status: 'True', reason: 'KubeletReady' })
    expect(podOf('web')?.status?.phase).toBe('Running')
  })

  it('has its coming, its states and its going told', async () => {
    await open({ nodes: 1 })
    const { uid } = nodeOf('node-0').metadata
    cluster.patch(nodes, 'node-0', { spec: { unschedulable: true } })
    await cluster.settled()
    cluster.patch(nodes, 'node-0', { spec: { unschedulable: null } })
    await cluster.settled()
    cluster.delete(nodes, 'node-0')
    await cluster.settled()
    const told = cluster.list<Event>('v1/events').map(({ source, involvedObject, message }) => [source.component, involvedObject.uid ?? '-', message])
    const isNow = (state: string) => ['kubelet', '-', `Node node-0 status is now: ${state}`]
    expect(told.sort()).toEqual(
      [
        ['kubelet', '-', 'Starting kubelet.'],
        ...['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady', 'NodeNotSchedulable', 'NodeSchedulable'].map(isNow),
        ['node-controller', uid, 'Node node-0 event: Registered Node node-0 in Controller'],
        ['node-controller', uid, 'Node node-0 event: Removing Node node-0 from Controller'],
      ].sort(),
    )
  })

  it('that comes back takes its pods up again', async () => {
    await open({ nodes: 1 })
    await run('web')
    cluster.patch(nodes, 'node-0', { metadata: { annotations: { 'kubedouble.dev/ready': 'unknown' } } })
    await cluster.advance(10_000)
    cluster.patch(nodes, 'node-0', { metadata: { annotations: { 'kubedouble.dev/ready': null } } })
    await cluster.advance(400_000)
    expect(nodeOf('node-0').spec.taints).toBeUndefined()
    expect(podOf('web')).toMatchObject({ status: { phase: 'Running' } })
    expect(podOf('web')?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True')
    expect(podOf('web')?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('that a client taints loses the pods that do not tolerate it', async () => {
    await open({ nodes: 1 })
    await run('web')
    await run('brief', { tolerations: [{ key: 'gone', operator: 'Exists', tolerationSeconds: 60 }].map((each) => ({ ...each, effect: 'NoExecute' })) })
    cluster.patch(nodes, 'node-0', { spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] } })
    await cluster.settled()
    expect(podOf('web')).toBeUndefined()
    expect(podOf('brief')).toBeDefined()
    await cluster.advance(60_000)
    expect(podOf('brief')).toBeUndefined()
    expect(reasons().filter((reason) => reason === 'TaintManagerEviction').length).toBe(2)
  })

  it('that is deleted leaves pods to the garbage collector of pods', async () => {
    await open({ nodes: 1 })
    await run('web')
    await cluster.advance(60_000)
    cluster.delete(nodes, 'node-0')
    await cluster.settled()
    expect(podOf('web')).toBeUndefined()
  })

  it('that is not there yet leaves a young pod some time', async () => {
    await open({})
    await run('web', { nodeName: 'later' })
    await cluster.advance(39_000)
    expect(podOf('web')).toBeDefined()
    await cluster.advance(1_000)
    expect(podOf('web')).toBeUndefined()
  })
})
