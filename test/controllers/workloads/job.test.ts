// Jobs: how they succeed, fail, wait and go.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatIndexes, parseIndexes } from '../../../src/controllers/job/index-list.js'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { conditionOf, jobSketch, messagesAbout } from './workload-sketches.js'

const jobs = 'batch/v1/jobs'
let cluster: TestCluster
beforeEach(async () => {
  cluster = openTestCluster({ nodes: 2 })
  await cluster.settled()
})
afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

const work = () => cluster.get(jobs, 'work') as Plain
const pods = () => cluster.list('v1/pods')
const create = (spec: Plain = {}, script: Record<string, string> = {}) => cluster.create(jobs, jobSketch('work', spec, script))

it('a Job is complete a second after its pod has started', async () => {
  create()
  await cluster.settled()
  expect(work().status).toEqual({ startTime: '2026-11-22T11:05:39Z', active: 1, terminating: 0, ready: 1, uncountedTerminatedPods: {} })
  expect(pods()[0].metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  await cluster.advance(2000)
  expect(work().status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {}, completionTime: '2026-11-22T11:05:40Z' })
  expect(work().status.conditions.map(({ type, status, reason }: Plain) => [type, status, reason])).toEqual([
    ['SuccessCriteriaMet', 'True', 'CompletionsReached'],
    ['Complete', 'True', 'CompletionsReached'],
  ])
  expect(pods()[0].metadata.finalizers).toBeUndefined()
  expect(messagesAbout(cluster, 'work')).toEqual([`Created pod: ${pods()[0].metadata.name}`, 'Job completed'])
})

it('no more pods run at a time than its parallelism allows', async () => {
  create({ completions: 5, parallelism: 2 }, { 'exit-after': '10s' })
  await cluster.settled()
  expect(work().status.active).toBe(2)
  await cluster.advance(10_000)
  expect(work().status).toMatchObject({ active: 2, succeeded: 2 })
  await cluster.advance(30_000)
  expect(work().status).toMatchObject({ succeeded: 5 })
  expect(pods()).toHaveLength(5)
})

it('without a number of completions one success is enough', async () => {
  create({ parallelism: 3 })
  await cluster.advance(5000)
  expect(conditionOf(work(), 'Complete')).toBe('True CompletionsReached')
  expect(pods()).toHaveLength(3)
})

it('each index of an indexed Job is done once', async () => {
  create({ completions: 4, parallelism: 2, completionMode: 'Indexed' })
  await cluster.advance(10_000)
  expect(work().status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' })
  const [first] = pods()
  expect(first.metadata.name).toMatch(/^work-0-[a-z0-9]{5}$/)
  expect(first.spec.hostname).toBe('work-0')
  expect(first.metadata.labels['batch.kubernetes.io/job-completion-index']).toBe('0')
  expect(first.metadata.annotations['batch.kubernetes.io/job-completion-index']).toBe('0')
  expect(first.spec.containers[0].env[0]).toMatchObject({
    name: 'JOB_COMPLETION_INDEX',
    valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
  })
})

const failing = { 'exit-code': '3' }
const rule = (action: string) => ({ podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [3] } }] } })
const indexed = { completions: 3, parallelism: 3, completionMode: 'Indexed' }

it.each([
  ['too many failures', { backoffLimit: 1 }, failing, 'BackoffLimitExceeded', { failed: 2 }],
  [
    'too many restarts',
    {
      backoffLimit: 2,
      template: {
        metadata: { annotations: { 'kubedouble.dev/exit-code': '1' } },
        spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'x:1' }] },
      },
    },
    {},
    'BackoffLimitExceeded',
    { failed: 1 },
  ],
  ['too much time', { activeDeadlineSeconds: 30, parallelism: 2, completions: 2 }, { 'exit-after': 'never' }, 'DeadlineExceeded', { failed: 2 }],
  ['a rule on exit codes', rule('FailJob'), failing, 'PodFailurePolicy', { failed: 1 }],
  ['indexes that fail', { ...indexed, backoffLimitPerIndex: 0 }, failing, 'FailedIndexes', { failed: 3, failedIndexes: '0-2' }],
  [
    'an index that a rule gives up',
    { ...indexed, backoffLimitPerIndex: 5, ...rule('FailIndex') },
    failing,
    'FailedIndexes',
    { failed: 3, failedIndexes: '0-2' },
  ],
  [
    'more failed indexes than allowed',
    { ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 1, parallelism: 2 },
    failing,
    'MaxFailedIndexesExceeded',
    { failed: 2 },
  ],
])('a Job fails for %s', async (_name, spec, script, reason, status) => {
  create(spec, script)
  await cluster.advance(300_000)
  expect(conditionOf(work(), 'FailureTarget')).toBe(`True ${reason}`)
  expect(conditionOf(work(), 'Failed')).toBe(`True ${reason}`)
  expect(work().status).toMatchObject(status)
  expect(work().status.active).toBeUndefined()
  expect(work().status.completionTime).toBeUndefined()
})

it('a failed pod is replaced later each time, and ignored failures are not counted', async () => {
  create({ ...rule('Ignore'), backoffLimit: 0 }, failing)
  await cluster.advance(5000)
  expect(pods()).toHaveLength(1)
  await cluster.advance(8000)
  expect(pods()).toHaveLength(2)
  await cluster.advance(15_000)
  expect(pods()).toHaveLength(2)
  await cluster.advance(10_000)
  expect(pods()).toHaveLength(3)
  expect(work().status.failed).toBeUndefined()
})

it('enough indexes by its own rule are success, and the others end', async () => {
  const successPolicy = { rules: [{ succeededIndexes: '0', succeededCount: 1 }] }
  create({ ...indexed, successPolicy }, { 'exit-after': 'never' })
  await cluster.settled()
  const first = pods().find(({ metadata }) => metadata.name.startsWith('work-0-')) as Plain
  cluster.patch('v1/pods', first.metadata.name, { metadata: { annotations: { 'kubedouble.dev/exit-after': '0s' } } })
  await cluster.advance(5000)
  expect(conditionOf(work(), 'Complete')).toBe('True SuccessPolicy')
  expect(pods()).toHaveLength(1)
  expect(work().status.failed).toBeUndefined()
})

it('a suspended Job has no pods, and starts anew when it goes on', async () => {
  create({ parallelism: 2, completions: 2 }, { 'exit-after': '30s' })
  await cluster.settled()
  cluster.patch(jobs, 'work', { spec: { suspend: true } })
  await cluster.advance(60_000)
  expect(conditionOf(work(), 'Suspended')).toBe('True JobSuspended')
  expect(pods()).toEqual([])
  cluster.patch(jobs, 'work', { spec: { suspend: false } })
  await cluster.settled()
  expect(conditionOf(work(), 'Suspended')).toBe('False JobResumed')
  expect(work().status.startTime).toBe('2026-11-22T11:06:39Z')
  expect(pods().filter(({ metadata }) => !metadata.deletionTimestamp)).toHaveLength(2)
})

it('a deleted Job lets go of its pods, and takes them along unless told otherwise', async () => {
  create({}, { 'exit-after': 'never' })
  await cluster.settled()
  cluster.delete(jobs, 'work', { propagationPolicy: 'Background' })
  await cluster.advance(60_000)
  expect(pods()).toEqual([])
  create({}, { 'exit-after': 'never' })
  await cluster.settled()
  cluster.delete(jobs, 'work', { propagationPolicy: 'Orphan' })
  await cluster.advance(60_000)
  expect(pods()).toHaveLength(1)
  expect(pods()[0].metadata.finalizers).toBeUndefined()
})

it('a finished Job goes when its time is over', async () => {
  create({ ttlSecondsAfterFinished: 30 })
  await cluster.advance(20_000)
  expect(work()).toBeDefined()
  await cluster.advance(20_000)
  expect([...cluster.list(jobs), ...pods()]).toEqual([])
})

describe('lists of indexes', () => {
  it.each([
    ['', []],
    ['3', [3]],
    ['0,1', [0, 1]],
    ['0-2,4,6,7', [0, 1, 2, 4, 6, 7]],
  ])('%j', (text, indexes) => {
    expect([...parseIndexes(text, 10)]).toEqual(indexes)
    expect(formatIndexes(new Set(indexes))).toBe(text)
  })

  it('end where the Job ends, and are not believed beyond a bound', () => {
    expect([...parseIndexes('1-9,x,-,2-1', 4)]).toEqual([1, 2, 3])
    expect(parseIndexes('0-2147483646', 2_147_483_647).size).toBe(1_000_000)
  })
})
