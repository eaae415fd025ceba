// What takes its time in the life of a pod: probes, init containers, and what annotations say.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import type { ContainerStatus, Pod } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster

beforeEach(async () => {
  cluster = openTestCluster({ nodes: 1 })
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

const script = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`kubedouble.dev/${name}`, value]))

async function run({ annotations = {}, container = {}, ...spec }: Plain = {}): Promise<void> {
  const containers = [{ name: 'c', image: 'i:1', ...container }]
  cluster.create('v1/pods', { metadata: { name: 'web', annotations: script(annotations) }, spec: { containers, ...spec } })
  await cluster.settled()
}

const statusOf = () => cluster.get<Pod>('v1/pods', 'web')?.status
const condition = (type: string) => statusOf()?.conditions?.find((each) => each.type === type)
const readiness = () => condition('Ready')?.status
const progress = ({ started, ready }: ContainerStatus) => `${started ? 'started' : 'not started'}, ${ready ? 'ready' : 'not ready'}`
const told = ({ name, state, restartCount }: ContainerStatus) => [name, (Object.values(state)[0] as Plain)?.reason ?? 'running', restartCount].join(' ')
const probe = (more: Plain) => ({ tcpSocket: { port: 80 }, ...more })

describe('a container with probes', () => {
  it.each<[what: string, container: Plain, annotations: Record<string, string>, seconds: [number, string][]]>([
    ['none', {}, {}, [[0, 'started, ready']]],
    ['that ask at once', { startupProbe: probe({}), readinessProbe: probe({}), livenessProbe: probe({}) }, {}, [[0, 'started, ready']]],
    [
      'of readiness that wait',
      { readinessProbe: probe({ initialDelaySeconds: 5 }) },
      {},
      [
        [4, 'started, not ready'],
        [5, 'started, ready'],
      ],
    ],
    [
      'of readiness that ask more than once',
      { readinessProbe: probe({ initialDelaySeconds: 5, successThreshold: 3, periodSeconds: 2 }) },
      {},
      [
        [8, 'started, not ready'],
        [9, 'started, ready'],
      ],
    ],
    [
      'of its start, and nobody asks for more before',
      { startupProbe: probe({ initialDelaySeconds: 7 }), readinessProbe: probe({ initialDelaySeconds: 5 }) },
      {},
      [
        [6, 'not started, not ready'],
        [7, 'started, ready'],
      ],
    ],
    ['of liveness that wait', { livenessProbe: probe({ initialDelaySeconds: 9 }) }, {}, [[0, 'started, ready']]],
    ['and a word that it is ready sooner', { readinessProbe: probe({ initialDelaySeconds: 60 }) }, { 'ready-after': '1s' }, [[1, 'started, ready']]],
    [
      'none and a word that it is ready later',
      {},
      { 'ready-after': '3s' },
      [
        [2, 'started, not ready'],
        [3, 'started, ready'],
      ],
    ],
    ['and a word that it is never ready', { readinessProbe: probe({ initialDelaySeconds: 2 }) }, { ready: 'false' }, [[60, 'started, not ready']]],
  ])('%s', async (_what, container, annotations, seconds) => {
    await run({ container, annotations })
    const seen: [number, string][] = []
    let now = 0
    for (const [at] of seconds) {
      await cluster.advance((at - now) * 1000)
      now = at
      const [status] = statusOf()?.containerStatuses ?? []
      seen.push([at, progress(status)])
      expect([condition('ContainersReady')?.status, readiness()]).toEqual(status.ready ? ['True', 'True'] : ['False', 'False'])
    }
    expect(seen).toEqual(seconds)
  })

  it('asks again after a restart', async () => {
    await run({ container: { readinessProbe: probe({ initialDelaySeconds: 5 }) }, annotations: { 'exit-after': '8s', 'exit-code': '1' } })
    const seen: (string | undefined)[] = []
    for (const seconds of [4, 1, 3, 5]) {
      await cluster.advance(seconds * 1000)
      seen.push(readiness())
    }
    expect(seen).toEqual(['False', 'True', 'False', 'True'])
    expect(statusOf()?.containerStatuses?.[0].restartCount).toBe(1)
  })
})

describe('a sidecar', () => {
  it('is waited for until it has started, not until it is ready', async () => {
    const sidecar = {
      name: 'side',
      image: 'i:1',
      restartPolicy: 'Always',
      startupProbe: probe({ initialDelaySeconds: 3 }),
      readinessProbe: probe({ initialDelaySeconds: 10 }),
    }
    await run({ initContainers: [sidecar] })
    await cluster.advance(2000)
    expect(statusOf()).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'PodInitializing' } } }] })
    await cluster.advance(1000)
    expect(statusOf()).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }], initContainerStatuses: [{ started: true, ready: false }] })
    expect(condition('Ready')).toMatchObject({ status: 'False', message: 'containers with unready status: [side]' })
    await cluster.advance(7000)
    expect(readiness()).toBe('True')
  })
})

describe('init containers', () => {
  const inits = ['one', 'two'].map((name) => ({ name, image: 'i:1' }))

  it('may take their time, one after the other', async () => {
    await run({ initContainers: inits, annotations: { 'init-exit-after': '5s' } })
    const seen: (string[] | undefined)[] = []
    for (const seconds of [0, 5, 5]) {
      await cluster.advance(seconds * 1000)
      seen.push(statusOf()?.initContainerStatuses?.map(told))
    }
    expect(seen).toEqual([
      ['one running 0', 'two PodInitializing 0'],
      ['one Completed 0', 'two running 0'],
      ['one Completed 0', 'two Completed 0'],
    ])
    expect(readiness()).toBe('True')
  })

  it('that fail are started again, later and later', async () => {
    await run({ initContainers: inits, annotations: { 'init-exit-code': '3' } })
    expect(statusOf()?.initContainerStatuses?.map(told)).toEqual(['one CrashLoopBackOff 1', 'two PodInitializing 0'])
    await cluster.advance(10_000)
    expect(statusOf()?.initContainerStatuses?.map(told)).toEqual(['one CrashLoopBackOff 2', 'two PodInitializing 0'])
    expect(statusOf()).toMatchObject({ phase: 'Pending', initContainerStatuses: [{ lastState: { terminated: { exitCode: 3, reason: 'Error' } } }, {}] })
    cluster.patch('v1/pods', 'web', { metadata: { annotations: { 'kubedouble.dev/init-exit-code': null } } })
    await cluster.advance(20_000)
    expect(statusOf()?.phase).toBe('Running')
  })

  it('that fail are the end of a pod that is never restarted', async () => {
    const sidecar = { name: 'side', image: 'i:1', restartPolicy: 'Always' }
    await run({ initContainers: [sidecar, ...inits], restartPolicy: 'Never', annotations: { 'init-exit-code': '3' } })
    expect(statusOf()?.phase).toBe('Failed')
    expect(statusOf()?.initContainerStatuses?.map(told)).toEqual(['side Completed 0', 'one Error 0', 'two PodInitializing 0'])
  })
})

describe('a pod that is told to wait', () => {
  it('is Pending without an address until then', async () => {
    await run({ annotations: { 'start-after': '5s' } })
    await cluster.advance(4000)
    expect(statusOf()).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })
    expect(statusOf()?.podIP).toBeUndefined()
    expect(condition('PodReadyToStartContainers')?.status).toBe('False')
    await cluster.advance(1000)
    expect(statusOf()).toMatchObject({ phase: 'Running', podIP: '10.244.0.2' })
  })

  it('may be deleted meanwhile', async () => {
    await run({ annotations: { 'start-after': '1h' } })
    cluster.delete('v1/pods', 'web')
    await cluster.settled()
    expect(statusOf()).toBeUndefined()
  })
})
