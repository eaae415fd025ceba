// Which node a pod gets, and what is said when it gets none.
import { afterEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import type { Event, Pod } from '../../src/resources/index.js'
import { chanceOf } from '../support/chance.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

interface Machine {
  labels?: Record<string, string>
  taints?: Plain[]
  unschedulable?: boolean
  allocatable?: Record<string, string>
}

/** Nodes of a client, by name. The taint every new node has is taken off. */
async function open(machines: Record<string, Machine>): Promise<void> {
  cluster = openTestCluster({ only: ['kube-scheduler'] })
  for (const [name, machine] of Object.entries(machines)) addNode(name, machine)
  await cluster.settled()
}

function addNode(name: string, { labels = {}, taints, unschedulable, allocatable = {} }: Machine): void {
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '10', ...allocatable } }
  cluster.create('v1/nodes', { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } }, spec: { unschedulable }, status })
  cluster.patch('v1/nodes', name, { spec: { taints: taints ?? null } })
}

interface Wish extends Plain {
  labels?: Record<string, string>
  namespace?: string
  requests?: Record<string, string>
  ports?: Plain[]
}

async function run(name: string, { labels, namespace = 'default', requests, ports, ...spec }: Wish = {}): Promise<string | undefined> {
  const containers = [{ name: 'c', image: 'i:1', ports, resources: requests ? { requests } : {} }]
  cluster.create('v1/pods', { metadata: { name, namespace, labels }, spec: { containers, ...spec } })
  await cluster.settled()
  return nodeOf(name, namespace)
}

const podOf = (name: string, namespace = 'default') => cluster.get<Pod>('v1/pods', name, namespace) as Pod
const nodeOf = (name: string, namespace?: string) => podOf(name, namespace).spec.nodeName
const conditionOf = (name: string) => podOf(name).status?.conditions?.find(({ type }) => type === 'PodScheduled')
const events = () => cluster.list<Event>('v1/events')

const preemption = 'no new claims to deallocate, preemption:'
const isUnhelpful = (nodes: number) => `${preemption} 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`
const findsNoVictims = (nodes: number) => `${preemption} 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.`

const antiAffinity = (labels: Record<string, string>, topologyKey = 'kubernetes.io/hostname') => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: labels } }] },
})
const affinity = (labels: Record<string, string>, topologyKey = 'kubernetes.io/hostname') => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: labels } }] },
})
const nodeAffinity = (...terms: Plain[]) => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } })
const demand = (key: string, operator: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] })

describe('the scheduler', () => {
  it('spreads pods evenly, in an order that repeats', async () => {
    await open({ a: {}, b: {}, c: {} })
    const nodes: (string | undefined)[] = []
    for (let index = 0; index < 6; index++) nodes.push(await run(`web-${index}`, { labels: { app: 'web' } }))
    expect(nodes).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  it('spreads pods of a kind over zones first', async () => {
    const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })
    await open({ a: zone('one'), b: zone('one'), c: zone('two') })
    const nodes = [await run('w-0', { labels: { app: 'web' } }), await run('w-1', { labels: { app: 'web' } })]
    expect(nodes).toEqual(['a', 'c'])
  })

  it('says where a pod goes', async () => {
    await open({ a: {} })
    await run('web')
    expect(conditionOf('web')).toMatchObject({ status: 'True' })
    expect(events()).toMatchObject([
      {
        reason: 'Scheduled',
        message: 'Successfully assigned default/web to a',
        action: 'Binding',
        type: 'Normal',
        reportingComponent: 'default-scheduler',
        involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', apiVersion: 'v1' },
      },
    ])
  })

  it('says that there are no nodes', async () => {
    await open({})
    await run('web')
    expect(conditionOf('web')).toMatchObject({ status: 'False', reason: 'Unschedulable', message: 'no nodes available to schedule pods' })
    expect(events()).toMatchObject([{ reason: 'FailedScheduling', type: 'Warning', action: 'Scheduling', message: 'no nodes available to schedule pods' }])
  })

  it.each<[string, Machine, Wish, string, 'unhelpful' | 'victimless']>([
    ['cordoned', { unschedulable: true }, {}, 'node(s) were unschedulable', 'unhelpful'],
    ['tainted', { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }, {}, 'node(s) had untolerated taint(s)', 'unhelpful'],
    ['evicting', { taints: [{ key: 'k', effect: 'NoExecute' }] }, {}, 'node(s) had untolerated taint(s)', 'unhelpful'],
    ['of other labels', {}, { nodeSelector: { disk: 'ssd' } }, "node(s) didn't match Pod's node affinity/selector", 'unhelpful'],
    ['out of pods', { allocatable: { pods: '0' } }, {}, 'Too many pods', 'victimless'],
    ['too small', {}, { requests: { cpu: '5' } }, 'Insufficient cpu', 'unhelpful'],
    ['without what is asked for', {}, { requests: { 'example.com/gpu': '1' } }, 'Insufficient example.com/gpu', 'unhelpful'],
    ['lonely', {}, { affinity: affinity({ app: 'db' }) }, "node(s) didn't match pod affinity rules", 'unhelpful'],
    [
      'without the label to spread over',
      {},
      {
        labels: { app: 'web' },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }],
      },
      "node(s) didn't match pod topology spread constraints (missing required label)",
      'unhelpful',
    ],
  ])('passes over nodes that are %s', async (_what, machine, wish, reason, hope) => {
    await open({ a: machine, b: machine })
    const limits = wish.requests?.['example.com/gpu'] ? { containers: [{ name: 'c', image: 'i:1', resources: { limits: wish.requests } }] } : {}
    expect(await run('web', { ...wish, ...limits })).toBeUndefined()
    expect(conditionOf('web')?.message).toBe(`0/2 nodes are available: 2 ${reason}. ${hope === 'unhelpful' ? isUnhelpful(2) : findsNoVictims(2)}`)
  })

  it('counts reasons in the order of their texts, and hopes for each node by itself', async () => {
    await open({ a: { unschedulable: true }, b: { taints: [{ key: 'k', effect: 'NoSchedule' }] }, c: {}, d: {} })
    await run('big', { requests: { cpu: '3', memory: '7Gi' }, nodeName: 'c' })
    await run('full', { requests: { cpu: '4' }, nodeName: 'd' })
    await run('web', { requests: { cpu: '2', memory: '2Gi' } })
    expect(conditionOf('web')?.message).toBe(
      `0/4 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu. ${preemption} 0/4 nodes are available: 2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
    )
  })

  it.each<[string, Plain[], boolean]>([
    ['by key and value', [{ key: 'k', value: 'v', effect: 'NoSchedule' }], true],
    ['by key', [{ key: 'k', operator: 'Exists' }], true],
    ['by everything', [{ operator: 'Exists' }], true],
    ['not by another value', [{ key: 'k', value: 'w', effect: 'NoSchedule' }], false],
    ['not by another effect', [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }], false],
  ])('lets a pod tolerate a taint %s', async (_how, tolerations, isPlaced) => {
    await open({ a: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })
    expect(await run('web', { tolerations })).toBe(isPlaced ? 'a' : undefined)
  })

  it('lets a pod tolerate a cordon', async () => {
    await open({ a: { unschedulable: true } })
    expect(await run('web', { tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }] })).toBe('a')
  })

  it.each<[Plain[], string | undefined]>([
    [[demand('disk', 'In', 'ssd', 'nvme')], 'b'],
    [[demand('disk', 'NotIn', 'ssd', 'hdd')], 'c'],
    [[demand('generation', 'Exists')], 'b'],
    [[demand('disk', 'DoesNotExist')], 'c'],
    [[demand('generation', 'Gt', '3')], 'b'],
    [[demand('generation', 'Lt', '3')], undefined],
    [[demand('disk', 'In', 'tape'), demand('disk', 'In', 'ssd')], 'b'],
    [[{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['c'] }] }], 'c'],
  ])('heeds node affinity %j', async (terms, node) => {
    await open({ a: { labels: { disk: 'hdd' } }, b: { labels: { disk: 'ssd', generation: '4' } }, c: {} })
    expect(await run('web', { affinity: nodeAffinity(...terms) })).toBe(node)
  })

  it('prefers what a pod prefers', async () => {
    await open({ a: {}, b: { labels: { disk: 'ssd' } } })
    const preference = { weight: 50, preference: demand('disk', 'In', 'ssd') }
    expect(await run('web', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [preference] } } })).toBe('b')
  })

  it('avoids taints that only ask to be avoided', async () => {
    await open({ a: { taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }, b: {} })
    expect([await run('one'), await run('two')]).toEqual(['b', 'b'])
  })

  it('gives no more than a node has', async () => {
    await open({ a: {}, b: {} })
    const nodes: (string | undefined)[] = []
    for (let index = 0; index < 5; index++) nodes.push(await run(`p-${index}`, { requests: { cpu: '2' } }))
    expect(nodes).toEqual(['a', 'b', 'a', 'b', undefined])
    expect(conditionOf('p-4')?.message).toBe(`0/2 nodes are available: 2 Insufficient cpu. ${findsNoVictims(2)}`)
  })

  it('counts what the containers of a pod need at once, and its overhead', async () => {
    await open({ a: {} })
    const container = (name: string, cpu: string, more: Plain = {}) => ({ name, image: 'i:1', resources: { requests: { cpu } }, ...more })
    await run('init', { containers: [container('c', '1')], initContainers: [container('i', '3')] })
    expect(await run('second', { requests: { cpu: '2' } })).toBeUndefined()
    cluster.delete('v1/pods', 'init', { gracePeriodSeconds: 0 })
    await cluster.settled()
    expect(nodeOf('second')).toBe('a')
  })

  it('does not give a host port twice', async () => {
    await open({ a: {}, b: {} })
    const ports = [{ containerPort: 80, hostPort: 8080 }]
    expect([await run('one', { ports }), await run('two', { ports }), await run('three', { ports })]).toEqual(['a', 'b', undefined])
    expect(conditionOf('three')?.message).toContain("2 node(s) didn't have free ports for the requested pod ports")
    expect(await run('udp', { ports: [{ ...ports[0], protocol: 'UDP' }] })).toBeDefined()
    expect(await run('elsewhere', { ports: [{ ...ports[0], hostIP: '10.0.0.1' }] })).toBeUndefined()
  })

  it('keeps pods apart that do not want to be together, on both sides', async () => {
    await open({ a: {}, b: {} })
    const lonely = { labels: { app: 'db' }, affinity: antiAffinity({ app: 'db' }) }
    expect([await run('db-0', lonely), await run('db-1', lonely), await run('db-2', lonely)]).toEqual(['a', 'b', undefined])
    expect(conditionOf('db-2')?.message).toContain("2 node(s) didn't match pod anti-affinity rules")
    expect(await run('plain', { labels: { app: 'db' } })).toBeUndefined()
    expect(conditionOf('plain')?.message).toContain("2 node(s) didn't satisfy existing pods anti-affinity rules")
    expect(await run('other', { labels: { app: 'db' }, namespace: 'kube-system' })).toBeDefined()
  })

  it('brings pods together that want to be, and the first of them somewhere', async () => {
    const zone = (name: string) => ({ labels: { zone: name } })
    await open({ a: zone('one'), b: zone('two'), c: zone('two') })
    await run('db', { labels: { app: 'db' }, nodeName: 'c' })
    expect(await run('near', { affinity: affinity({ app: 'db' }, 'zone') })).toBe('b')
    const flock = { labels: { app: 'flock' }, affinity: affinity({ app: 'flock' }) }
    expect(await run('f-0', flock)).toBe('a')
    expect(await run('f-1', flock)).toBe('a')
  })

  it('finds company in other namespaces by name and by label', async () => {
    await open({ a: {}, b: {} })
    cluster.patch('v1/namespaces', 'kube-system', { metadata: { labels: { team: 'x' } } })
    await run('db', { labels: { app: 'db' }, namespace: 'kube-system', nodeName: 'b' })
    const term = (more: Plain) => ({
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'db' } }, ...more }],
      },
    })
    expect(await run('named', { affinity: term({ namespaces: ['kube-system'] }) })).toBe('b')
    expect(await run('labelled', { affinity: term({ namespaceSelector: { matchLabels: { team: 'x' } } }) })).toBe('b')
    expect(await run('own', { affinity: term({}) })).toBeUndefined()
  })

  it('lets a pod that waits for company go when it comes', async () => {
    await open({ a: {}, b: {} })
    expect(await run('web', { affinity: affinity({ app: 'db' }) })).toBeUndefined()
    await run('db', { labels: { app: 'db' }, nodeName: 'b' })
    expect(nodeOf('web')).toBe('b')
  })

  it('holds to a hard spread', async () => {
    await open({ a: { labels: { zone: 'one' } }, b: { labels: { zone: 'two' }, taints: [{ key: 'k', effect: 'NoSchedule' }] } })
    const spread = {
      labels: { app: 'web' },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } }],
    }
    expect(await run('w-0', spread)).toBe('a')
    expect(await run('w-1', spread)).toBeUndefined()
    expect(conditionOf('w-1')?.message).toContain("1 node(s) didn't match pod topology spread constraints, 1 node(s) had untolerated taint(s)")
    const lax = { ...spread, topologySpreadConstraints: [{ ...spread.topologySpreadConstraints[0], nodeTaintsPolicy: 'Honor' }] }
    expect(await run('w-2', lax)).toBe('a')
  })

  it('tries again when a node comes, changes or is let go', async () => {
    await open({ a: { unschedulable: true } })
    await run('web')
    await run('picky', { nodeSelector: { disk: 'ssd' } })
    cluster.patch('v1/nodes', 'a', { spec: { unschedulable: null } })
    await cluster.settled()
    expect(nodeOf('web')).toBe('a')
    addNode('b', { labels: { disk: 'ssd' } })
    await cluster.settled()
    expect(nodeOf('picky')).toBe('b')
    expect(conditionOf('picky')).toMatchObject({ status: 'True' })
  })

  it('lets the more important go first when room comes', async () => {
    await open({ a: { allocatable: { pods: '1' } } })
    for (const [name, value] of [
      ['low', 1],
      ['high', 1000],
    ]) {
      cluster.create('scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value, preemptionPolicy: 'Never' })
    }
    await run('first', { priorityClassName: 'high' })
    await run('second', { priorityClassName: 'low' })
    await run('third', { priorityClassName: 'high' })
    expect(conditionOf('third')?.message).toBe(`0/1 nodes are available: 1 Too many pods. ${preemption} not eligible due to preemptionPolicy=Never.`)
    cluster.delete('v1/pods', 'first', { gracePeriodSeconds: 0 })
    await cluster.settled()
    expect([nodeOf('second'), nodeOf('third')]).toEqual([undefined, 'a'])
  })

  it('says the same thing once', async () => {
    await open({ a: { unschedulable: true } })
    await run('web')
    addNode('b', { unschedulable: true })
    await cluster.settled()
    cluster.patch('v1/nodes', 'b', { metadata: { labels: { some: 'label' } } })
    await cluster.settled()
    expect(events().filter(({ reason }) => reason === 'FailedScheduling').length).toBe(2)
  })

  it('names only the nodes it asked, when a pod names some', async () => {
    await open({ a: {}, b: {}, c: {} })
    const named = (...names: string[]) => ({ affinity: nodeAffinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: names }] }) })
    expect(await run('web', { ...named('b'), requests: { cpu: '3' } })).toBe('b')
    expect(await run('more', { ...named('b'), requests: { cpu: '3' } })).toBeUndefined()
    expect(conditionOf('more')?.message).toBe(
      `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${preemption} 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.`,
    )
    expect(await run('lost', named('nowhere'))).toBeUndefined()
    expect(conditionOf('lost')?.message).toBe(
      `0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${preemption} 0/3 nodes are available: 3 Preemption is not helpful for scheduling.`,
    )
  })

  it('tells pods that are alike the same, and lets them go when room comes', async () => {
    await open({ a: {} })
    await run('big', { requests: { cpu: '3' } })
    for (const name of ['one', 'two', 'three']) expect(await run(name, { requests: { cpu: '2' } })).toBeUndefined()
    expect(new Set(['one', 'two', 'three'].map((name) => conditionOf(name)?.message)).size).toBe(1)
    cluster.delete('v1/pods', 'big', { gracePeriodSeconds: 0 })
    await cluster.settled()
    expect(['one', 'two', 'three'].filter((name) => nodeOf(name) === 'a').length).toBe(2)
    addNode('b', {})
    await cluster.settled()
    expect(['one', 'two', 'three'].filter((name) => nodeOf(name) === 'b').length).toBe(1)
  })

  it('keeps what it has promised while pods and nodes come and go', async () => {
    const zones = ['one', 'two', 'three']
    await open(Object.fromEntries([...'abcdef'].map((name, index) => [name, { labels: { zone: zones[index % 3] } }])))
    const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'wide' } } }
    const kinds: Record<string, Wish> = {
      lonely: { affinity: antiAffinity({ app: 'lonely' }) },
      rival: { affinity: antiAffinity({ app: 'wide' }, 'zone') },
      wide: { topologySpreadConstraints: [spread] },
    }
    const chance = chanceOf(7)
    const alive = new Map<string, string>()
    for (let index = 0; index < 120; index++) {
      const leaving = [...alive.keys()].filter(() => chance(4) === 0)
      for (const name of leaving) {
        cluster.delete('v1/pods', name, { gracePeriodSeconds: 0 })
        alive.delete(name)
      }
      const kind = Object.keys(kinds)[chance(3)]
      alive.set(`${kind}-${index}`, kind)
      await run(`${kind}-${index}`, { labels: { app: kind }, ...kinds[kind] })
      const placed = [...alive].flatMap(([name, app]) => (nodeOf(name) ? [{ app, node: nodeOf(name) as string }] : []))
      const zonesOf = (app: string) => placed.filter((each) => each.app === app).map(({ node }) => zones[[...'abcdef'].indexOf(node) % 3])
      const lonely = placed.filter(({ app }) => app === 'lonely').map(({ node }) => node)
      expect(new Set(lonely).size).toBe(lonely.length)
      expect(zonesOf('rival').filter((zone) => zonesOf('wide').includes(zone))).toEqual([])
      // Nobody waits while there is a place.
      const isAnyWaiting = (app: string) => [...alive].some(([name, other]) => other === app && !nodeOf(name))
      if (lonely.length < 6) expect(isAnyWaiting('lonely')).toBe(false)
      if (new Set(zonesOf('wide')).size < 3) expect(isAnyWaiting('rival')).toBe(false)
    }
  })

  it('asks a part of a large cluster, of every zone', async () => {
    const names = Array.from({ length: 252 }, (_, index) => `${'xyz'[Math.floor(index / 84)]}-${index}`)
    await open(Object.fromEntries(names.map((name) => [name, { labels: { 'topology.kubernetes.io/zone': name[0] } }])))
    const nodes: string[] = []
    for (let index = 0; index < 30; index++) nodes.push((await run(`web-${index}`, { labels: { app: 'web' } })) as string)
    expect(new Set(nodes).size).toBe(30)
    expect(Math.min(...[...'xyz'].map((zone) => nodes.filter((name) => name.startsWith(zone)).length))).toBeGreaterThan(8)
    expect(await run('huge', { requests: { cpu: '5' } })).toBeUndefined()
    expect(conditionOf('huge')?.message).toBe(`0/252 nodes are available: 252 Insufficient cpu. ${isUnhelpful(252)}`)
  })

  it('leaves alone what is gated, or another scheduler’s', async () => {
    await open({ a: {} })
    expect(await run('other', { schedulerName: 'mine' })).toBeUndefined()
    expect(await run('gated', { schedulingGates: [{ name: 'example.com/wait' }] })).toBeUndefined()
    expect(conditionOf('gated')).toMatchObject({ reason: 'SchedulingGated' })
    cluster.change('v1/pods', 'gated', ({ spec }) => delete spec.schedulingGates)
    await cluster.settled()
    expect(nodeOf('gated')).toBe('a')
  })

  it('waits for claims', async () => {
    await open({ a: {} })
    const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }]
    expect(await run('web', { volumes })).toBeUndefined()
    expect(conditionOf('web')?.message).toBe(`0/1 nodes are available: persistentvolumeclaim "data" not found. ${isUnhelpful(1)}`)
    cluster.create('v1/persistentvolumeclaims', {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    await cluster.settled()
    expect(nodeOf('web')).toBe('a')
  })
})
