import { describe, expect, it } from 'vitest'
import { type KubeObject, type Plain, recanonicalize, tableOf } from '../../../src/machinery/index.js'
import { pod } from '../../../src/resources/index.js'

const now = Date.parse('2024-01-01T01:00:00Z')

/** Ready, status and restarts of a pod with two containers and, when it has init statuses, as many init containers. */
function cellsOf({ metadata = {}, spec = {}, status }: Plain): unknown[] {
  const initContainers = (status.initContainerStatuses ?? []).map(({ name }: Plain) => ({ name }))
  const object = recanonicalize(pod.shape, {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'p', ...metadata },
    spec: { containers: [{ name: 'a' }, { name: 'b' }], initContainers, ...spec },
    status,
  }) as unknown as KubeObject
  return tableOf(pod, [object], { now, version: 'v1', metadata: {} }).rows[0].cells.slice(1, 4)
}

const container = (name: string, state: Plain, more: Plain = {}) => ({ name, ready: false, restartCount: 0, image: 'i', imageID: '', state, ...more })
const running = (name: string) => container(name, { running: {} }, { ready: true })
const exited = (name: string, exitCode: number, reason?: string) => container(name, { terminated: { exitCode, reason } })
const waiting = (name: string, reason: string) => container(name, { waiting: { reason } })
const isReady = { conditions: [{ type: 'Ready', status: 'True' }] }

describe('a pod is printed as', () => {
  it.each<[string, Plain, string]>([
    ['its phase', { status: { phase: 'Pending' } }, '0/2'],
    ['Running', { status: { phase: 'Running', containerStatuses: [running('a'), running('b')] } }, '2/2'],
    ['Evicted', { status: { phase: 'Failed', reason: 'Evicted' } }, '0/2'],
    ['SchedulingGated', { status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, '0/2'],
    ['CrashLoopBackOff', { status: { phase: 'Running', containerStatuses: [waiting('a', 'CrashLoopBackOff'), exited('b', 1, 'Error')] } }, '0/2'],
    ['Error', { status: { phase: 'Failed', containerStatuses: [exited('a', 1, 'Error'), exited('b', 0, 'Completed')] } }, '0/2'],
    ['Error', { status: { phase: 'Failed', containerStatuses: [exited('a', 0, 'Completed'), exited('b', 2, 'Error')] } }, '0/2'],
    ['ExitCode:3', { status: { phase: 'Failed', containerStatuses: [exited('a', 3)] } }, '0/2'],
    ['Completed', { status: { phase: 'Succeeded', containerStatuses: [exited('a', 0, 'Completed'), exited('b', 0, 'Completed')] } }, '0/2'],
    ['NotReady', { status: { phase: 'Running', containerStatuses: [exited('a', 0, 'Completed'), running('b')] } }, '1/2'],
    ['Running', { status: { phase: 'Running', ...isReady, containerStatuses: [exited('a', 0, 'Completed'), running('b')] } }, '1/2'],
    ['Init:0/2', { status: { phase: 'Pending', initContainerStatuses: [container('x', { running: {} }), container('y', {})] } }, '0/2'],
    ['Init:1/2', { status: { phase: 'Pending', initContainerStatuses: [exited('x', 0), waiting('y', 'PodInitializing')] } }, '0/2'],
    ['Init:ErrImagePull', { status: { phase: 'Pending', initContainerStatuses: [waiting('x', 'ErrImagePull')] } }, '0/2'],
    ['Init:ExitCode:4', { status: { phase: 'Pending', initContainerStatuses: [exited('x', 4)] } }, '0/2'],
    ['Terminating', { metadata: { deletionTimestamp: '2024-01-01T00:59:00Z' }, status: { phase: 'Running' } }, '0/2'],
    ['Unknown', { metadata: { deletionTimestamp: '2024-01-01T00:59:00Z' }, status: { phase: 'Running', reason: 'NodeLost' } }, '0/2'],
  ])('%s', (text, sketch, ready) => {
    const [readyCell, statusCell] = cellsOf(sketch)
    expect([readyCell, statusCell]).toEqual([ready, text === 'its phase' ? sketch.status.phase : text])
  })

  it('ready with its sidecars', () => {
    const sidecar = container('x', { running: {} }, { ready: true, started: true })
    const spec = { initContainers: [{ name: 'x', restartPolicy: 'Always' }] }
    expect(cellsOf({ spec, status: { phase: 'Running', initContainerStatuses: [sidecar], containerStatuses: [running('a')] } })[0]).toBe('2/3')
  })

  it('restarted so often, and how long ago', () => {
    const restarted = { ...running('a'), restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2024-01-01T00:55:00Z' } } }
    expect(cellsOf({ status: { phase: 'Running', containerStatuses: [restarted, running('b')] } })[2]).toBe('3 (5m ago)')
  })
})
