// The life of a pod on a simulated node.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import type { ContainerStatus, Event, Pod } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const pods = 'v1/pods'

beforeEach(async () => {
  cluster = openTestCluster({ nodes: 2 })
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

interface Made extends Plain {
  annotations?: Record<string, string>
}

const script = (annotations: Record<string, string>) =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`kubedouble.dev/${name}`, value]))

async function run(name: string, { annotations = {}, ...spec }: Made = {}): Promise<void> {
  const containers = [{ name: 'c', image: 'nginx' }]
  cluster.create(pods, { metadata: { name, annotations: script(annotations) }, spec: { containers, ...spec } })
  await cluster.settled()
}

const podOf = (name: string) => cluster.get<Pod>(pods, name) as Pod
const conditionsOf = (name: string) => podOf(name).status?.conditions?.map(({ type, status, reason }) => [type, status, ...(reason ? [reason] : [])])
const conditionOf = (name: string, type: string) => podOf(name).status?.conditions?.find((condition) => condition.type === type)
const eventsOf = (name: string) =>
  cluster
    .list<Event>('v1/events')
    .filter(({ involvedObject, source }) => involvedObject.name === name && source.component === 'kubelet')
    .map(({ reason, message, count }) => `${reason}: ${message}${count === 1 ? '' : ` (x${count})`}`)
const stateOf = (status: ContainerStatus | undefined) => status && (Object.values(status.state)[0] as Plain | undefined)
const container = (name: string) => podOf(name).status?.containerStatuses?.[0]

/** Every state a pod went through: phase and the state of each container. */
function historyOf(name: string): string[] {
  const rows = cluster.realm.store.after(0)
  if (rows === 'compacted') throw new Error('the test is too long')
  return rows
    .filter(({ stored }) => stored.resource === pods && stored.name === name)
    .map(({ type, stored }) => {
      const { status, metadata } = stored.object as Pod
      const states = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map((each) => {
        const state = stateOf(each)
        return `${each.name} ${state?.reason ?? (each.ready ? 'ready' : 'running')}`
      })
      return [type === 'DELETED' ? 'gone' : (metadata.deletionTimestamp ? 'terminating ' : '') + status?.phase, ...states].join(', ')
    })
}

describe('a pod', () => {
  it('is bound, taken on, started and ready', async () => {
    await run('web')
    expect(historyOf('web')).toEqual(['Pending', 'Pending', 'Pending, c ContainerCreating', 'Running, c ready'])
    const { metadata, spec, status } = podOf('web')
    expect(status).toEqual({
      observedGeneration: 1,
      phase: 'Running',
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        observedGeneration: 1,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: '2026-11-22T11:05:39Z',
      })),
      hostIP: '172.18.0.2',
      hostIPs: [{ ip: '172.18.0.2' }],
      podIP: '10.244.0.2',
      podIPs: [{ ip: '10.244.0.2' }],
      startTime: '2026-11-22T11:05:39Z',
      containerStatuses: [
        {
          name: 'c',
          state: { running: { startedAt: '2026-11-22T11:05:39Z' } },
          lastState: {},
          ready: true,
          restartCount: 0,
          image: 'docker.io/library/nginx:latest',
          imageID: expect.stringMatching(/^docker\.io\/library\/nginx@sha256:[0-9a-f]{64}$/),
          containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
          started: true,
          resources: {},
          volumeMounts: [
            {
              name: spec.volumes?.[0].name,
              mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
              readOnly: true,
              recursiveReadOnly: 'Disabled',
            },
          ],
          user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
        },
      ],
      qosClass: 'BestEffort',
    })
    expect(metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource])).toContainEqual(['kubelet', 'status'])
  })

  it('has its start told in events', async () => {
    await run('web')
    expect(eventsOf('web')).toEqual([
      'Pulling: Pulling image "nginx"',
      'Pulled: Successfully pulled image "nginx" in 0s (0s including waiting). Image size: 0 bytes.',
      'Created: Container created',
      'Started: Container started',
    ])
    await run('old', { containers: [{ name: 'c', image: 'nginx:1' }] })
    expect(eventsOf('old')[0]).toBe('Pulled: Container image "nginx:1" already present on machine and can be accessed by the pod')
  })

  it('says while it waits what it waits for', async () => {
    await run('web')
    const rows = cluster.realm.store.after(0)
    const taken = rows !== 'compacted' && rows.filter(({ stored }) => stored.name === 'web' && stored.resource === pods)[2]
    const { conditions, podIP } = (taken && (taken.stored.object as Pod).status) || {}
    expect(podIP).toBeUndefined()
    expect(conditions?.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['PodReadyToStartContainers', 'False', undefined, undefined],
      ['Initialized', 'True', undefined, undefined],
      ['Ready', 'False', 'ContainersNotReady', 'containers with unready status: [c]'],
      ['ContainersReady', 'False', 'ContainersNotReady', 'containers with unready status: [c]'],
      ['PodScheduled', 'True', undefined, undefined],
    ])
  })

  it('has an address of its own as long as it lives', async () => {
    for (let index = 0; index < 6; index++) await run(`p-${index}`, { nodeName: 'node-0' })
    const addresses = () => cluster.list<Pod>(pods).map(({ status }) => status?.podIP)
    expect(addresses()).toEqual(['10.244.0.2', '10.244.0.3', '10.244.0.4', '10.244.0.5', '10.244.0.6', '10.244.0.7'])
    cluster.delete(pods, 'p-1')
    await cluster.settled()
    await run('q', { nodeName: 'node-0' })
    expect(podOf('q').status?.podIP).toBe('10.244.0.3')
  })

  it('on the network of its node has the address of the node', async () => {
    await run('web', { hostNetwork: true })
    expect(podOf('web').status).toMatchObject({ podIP: '172.18.0.2', hostIP: '172.18.0.2' })
  })

  it('has its init containers run one after the other, then its containers', async () => {
    await run('web', {
      initContainers: ['one', 'two'].map((name) => ({ name, image: 'i:1' })),
      containers: ['a', 'b'].map((name) => ({ name, image: 'i:1' })),
    })
    expect(historyOf('web').slice(2)).toEqual([
      'Pending, one PodInitializing, two PodInitializing, a PodInitializing, b PodInitializing',
      'Pending, one Completed, two PodInitializing, a PodInitializing, b PodInitializing',
      'Pending, one Completed, two Completed, a PodInitializing, b PodInitializing',
      'Running, one Completed, two Completed, a ready, b ready',
    ])
    expect(podOf('web').status?.initContainerStatuses?.map(({ ready, started }) => [ready, started])).toEqual([
      [true, false],
      [true, false],
    ])
    expect(conditionOf('web', 'Initialized')?.status).toBe('True')
  })

  it('has sidecars that go on, and end after the last container', async () => {
    const sidecar = { name: 'side', image: 'i:1', restartPolicy: 'Always' }
    await run('web', { initContainers: [sidecar] })
    expect(historyOf('web').slice(2)).toEqual([
      'Pending, side PodInitializing, c PodInitializing',
      'Pending, side ready, c PodInitializing',
      'Running, side ready, c ready',
    ])
    await run('once', { initContainers: [sidecar], restartPolicy: 'Never', annotations: { 'exit-after': '10s' } })
    await cluster.advance(10_000)
    expect(podOf('once').status?.phase).toBe('Succeeded')
    expect(podOf('once').status?.initContainerStatuses?.[0].state.terminated?.reason).toBe('Completed')
  })

  it('is ready only when its readiness gates are', async () => {
    await run('web', { readinessGates: [{ conditionType: 'example.com/gate' }] })
    expect(conditionOf('web', 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.',
    })
    const set = (status: string) =>
      cluster.change(pods, 'web', ({ status: pod }) => pod.conditions.unshift({ type: 'example.com/gate', status }), { subresource: 'status' })
    set('True')
    await cluster.settled()
    expect(conditionsOf('web')).toEqual([
      ['example.com/gate', 'True'],
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ])
  })

  it('that is said not to be ready runs and is not ready', async () => {
    await run('web', { annotations: { ready: 'false' } })
    expect(podOf('web').status?.phase).toBe('Running')
    expect(conditionOf('web', 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' })
    cluster.patch(pods, 'web', { metadata: { annotations: { 'kubedouble.dev/ready': null } } })
    await cluster.advance(2000)
    expect(conditionOf('web', 'Ready')).toMatchObject({ status: 'True', lastTransitionTime: '2026-11-22T11:05:39Z' })
  })

  it('shows debuggers that look into it', async () => {
    await run('web')
    cluster.change(pods, 'web', ({ spec }) => Object.assign(spec, { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }), {
      subresource: 'ephemeralcontainers',
    })
    await cluster.settled()
    expect(podOf('web').status).toMatchObject({
      observedGeneration: 2,
      ephemeralContainerStatuses: [{ name: 'debug', state: { running: {} }, ready: false }],
    })
  })

  it('is given the resources it is resized to', async () => {
    const resources = { requests: { cpu: '1' }, limits: { cpu: '2' } }
    await run('web', { containers: [{ name: 'c', image: 'i:1', resources }] })
    expect(container('web')).toMatchObject({ resources })
    cluster.change(pods, 'web', ({ spec }) => Object.assign(spec.containers[0].resources.requests, { cpu: '1500m' }), { subresource: 'resize' })
    await cluster.settled()
    expect(container('web')).toMatchObject({ resources: { requests: { cpu: '1500m' } }, restartCount: 0 })
  })

  it('that is a mirror, or lives elsewhere, is left alone', async () => {
    cluster.create(pods, {
      metadata: { name: 'mirror', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { nodeName: 'node-0', containers: [{ name: 'c', image: 'i:1' }] },
    })
    cluster.create('v1/nodes', { metadata: { name: 'theirs' } })
    await run('elsewhere', { nodeName: 'theirs' })
    for (const name of ['mirror', 'elsewhere']) expect(podOf(name).status?.containerStatuses).toBeUndefined()
  })
})

describe('a pod whose containers end', () => {
  it.each([
    ['Never', '0', 'Succeeded', 'Completed'],
    ['Never', '3', 'Failed', 'Error'],
    ['OnFailure', '0', 'Succeeded', 'Completed'],
  ])('under policy %s with code %s has %s', async (restartPolicy, code, phase, reason) => {
    await run('job', { restartPolicy, annotations: { 'exit-after': '30s', 'exit-code': code } })
    await cluster.advance(29_000)
    expect(podOf('job').status?.phase).toBe('Running')
    await cluster.advance(1000)
    expect(podOf('job').status?.phase).toBe(phase)
    expect(container('job')).toMatchObject({
      ready: false,
      started: false,
      state: { terminated: { exitCode: Number(code), reason, startedAt: '2026-11-22T11:05:39Z', finishedAt: '2026-11-22T11:06:09Z' } },
    })
    const ended = phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed'
    expect(conditionsOf('job')).toEqual([
      ['PodReadyToStartContainers', 'False'],
      ['Initialized', 'True', ...(phase === 'Succeeded' ? ['PodCompleted'] : [])],
      ['Ready', 'False', ended],
      ['ContainersReady', 'False', ended],
      ['PodScheduled', 'True'],
    ])
    const { resourceVersion } = podOf('job').metadata
    await cluster.advance(3600_000)
    expect(podOf('job').metadata.resourceVersion).toBe(resourceVersion)
  })

  it('may say why', async () => {
    await run('big', { restartPolicy: 'Never', annotations: { 'exit-after': '0s', 'exit-code': '137', 'exit-reason': 'OOMKilled' } })
    expect(container('big')?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  it('is restarted at once, then later and later', async () => {
    await run('crash', { annotations: { 'exit-after': '0s', 'exit-code': '1' } })
    const uid = podOf('crash').metadata.uid
    expect(container('crash')).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=c pod=crash_default(${uid})` } },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    })
    expect(podOf('crash').status?.phase).toBe('Running')
    const counts: (number | undefined)[] = []
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
      await cluster.advance(seconds * 1000)
      counts.push(container('crash')?.restartCount)
    }
    expect(counts).toEqual([2, 3, 4, 5, 6, 7, 8])
    expect(eventsOf('crash').some((told) => told.startsWith(`BackOff: Back-off restarting failed container c in pod crash_default(${uid})`))).toBe(true)
  })

  it('is trusted again when it ran for long', async () => {
    await run('slow', { annotations: { 'exit-after': '11m', 'exit-code': '1' } })
    await cluster.advance(3 * 660_000)
    expect(container('slow')).toMatchObject({ restartCount: 3, state: { running: {} } })
  })

  it('fails at its deadline', async () => {
    await run('late', { activeDeadlineSeconds: 20 })
    await cluster.advance(20_000)
    expect(podOf('late').status).toMatchObject({
      phase: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    })
    expect(conditionOf('late', 'Ready')).toMatchObject({ status: 'False', reason: 'PodFailed' })
  })

  it('cannot begin without its image', async () => {
    await run('typo', { annotations: { 'image-pull-error': 'no such image' } })
    expect(podOf('typo').status?.phase).toBe('Pending')
    expect(container('typo')?.state.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "nginx": ErrImagePull: no such image',
    })
    expect(eventsOf('typo')).toEqual([
      'Pulling: Pulling image "nginx"',
      'Failed: Failed to pull image "nginx": no such image',
      'Failed: Error: ErrImagePull',
      'BackOff: Back-off pulling image "nginx"',
      'Failed: Error: ImagePullBackOff',
    ])
    cluster.patch(pods, 'typo', { metadata: { annotations: { 'kubedouble.dev/image-pull-error': null } } })
    await cluster.settled()
    expect(podOf('typo').status?.phase).toBe('Running')
  })
})

describe('a pod that is deleted', () => {
  it('ends its containers, then goes', async () => {
    await run('web')
    cluster.delete(pods, 'web')
    await cluster.settled()
    // Once more without any grace left, which is how the API server deletes what a kubelet lets go.
    const ended = 'terminating Succeeded, c Completed'
    expect(historyOf('web').slice(-4)).toEqual(['terminating Running, c ready', ended, ended, 'gone, c Completed'])
    expect(eventsOf('web').at(-1)).toBe('Killing: Stopping container c')
  })

  it('may take its time, within its grace', async () => {
    await run('slow', { annotations: { 'stop-after': '10s' } })
    await run('deaf', { annotations: { 'stop-after': '1h' }, terminationGracePeriodSeconds: 20 })
    for (const name of ['slow', 'deaf']) cluster.delete(pods, name)
    await cluster.advance(9_000)
    expect(podOf('slow')).toMatchObject({ metadata: { deletionGracePeriodSeconds: 30 }, status: { phase: 'Running' } })
    await cluster.advance(1_000)
    expect(podOf('slow')).toBeUndefined()
    await cluster.advance(9_000)
    expect(podOf('deaf')).toBeDefined()
    await cluster.advance(1_000)
    expect(podOf('deaf')).toBeUndefined()
    expect(historyOf('deaf').at(-2)).toBe('terminating Failed, c Error')
  })

  it('may be stuck until it is deleted without grace', async () => {
    await run('stuck', { annotations: { 'stop-after': 'never' } })
    cluster.delete(pods, 'stuck')
    await cluster.advance(3600_000)
    expect(podOf('stuck')).toBeDefined()
    cluster.delete(pods, 'stuck', { gracePeriodSeconds: 0 })
    await cluster.settled()
    expect(podOf('stuck')).toBeUndefined()
  })

  it('stays for its finalizers, with its containers ended', async () => {
    cluster.create(pods, { metadata: { name: 'held', finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'i:1' }] } })
    await cluster.settled()
    cluster.delete(pods, 'held')
    await cluster.settled()
    expect(podOf('held')).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: 'Succeeded' } })
    cluster.patch(pods, 'held', { metadata: { finalizers: null } })
    expect(podOf('held')).toBeUndefined()
  })

  it('before it ever started goes too', async () => {
    await run('typo', { annotations: { 'image-pull-error': 'no such image' } })
    cluster.delete(pods, 'typo')
    await cluster.settled()
    expect(podOf('typo')).toBeUndefined()
  })
})
