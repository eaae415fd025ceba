// The life of a pod through the verbs: made, bound, looked into, evicted, deleted.
import { beforeEach, describe, expect, it } from 'vitest'
import { type DeleteOptions, deepCopy, isStatus, type KubeObject, type Plain, type Status, StatusError, systemUser } from '../../src/machinery/index.js'
import { createSubresource, get, remove, update, type WriteCall } from '../../src/registry/index.js'
import { type Pod, pod, podDisruptionBudget, schema } from '../../src/resources/index.js'
import type { WatchEvent } from '../../src/storage/index.js'
import { openRealm, type TestRealm, testNamespace } from '../support/realm.js'

let realm: TestRealm
const pods = 'v1/pods'
const budgets = 'policy/v1/poddisruptionbudgets'
const callOf = (name: string, subresource = '', dryRun = false): WriteCall => ({
  definition: pod,
  namespace: testNamespace,
  name,
  subresource,
  user: systemUser,
  warn() {},
  options: { fieldManager: 'test', dryRun },
})

beforeEach(() => {
  realm = openRealm()
  realm.create(pods, { metadata: { name: 'p', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'a:1' }] } })
})

const current = () => attempt(() => get(realm.realm, callOf('p')).object) as Pod

function attempt(verb: () => KubeObject | Status): Plain {
  try {
    return verb() as Plain
  } catch (error) {
    if (error instanceof StatusError) return error.status as Plain
    throw error
  }
}

/** POST to a subresource whose kind has this shape. */
function post(subresource: string, body: Plain, dryRun = false): Plain {
  const facts = pod.subresources?.find(({ name }) => name === subresource)
  const { group, version, kind } = facts as { group: string; version: string; kind: string }
  const apiVersion = group ? `${group}/${version}` : version
  const shape = schema.find({ group, version, kind }) as never
  return attempt(
    () =>
      createSubresource(realm.realm, callOf('p', subresource, dryRun), { value: { apiVersion, kind, ...body } }, { group, version, kind, apiVersion, shape })
        .object,
  )
}

const bind = () => post('binding', { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } })
const evict = (more: Plain = {}, dryRun = false) => post('eviction', { metadata: { name: 'p' }, ...more }, dryRun)
const del = (options: DeleteOptions = {}) => attempt(() => remove(realm.realm, callOf('p'), options).object)

/** PUT, to the pod or a part of it. */
const put = (object: Plain, subresource = '') => attempt(() => update(realm.realm, callOf('p', subresource), { value: object }).object)

const withFinalizers = (finalizers?: string[]) => put({ ...(current() as Plain), metadata: { ...current().metadata, finalizers } })
const hold = () => withFinalizers(['example.com/hold'])
const release = () => withFinalizers()

/** What of an event's object tells how it ends. */
const endingOf = ({ metadata: { deletionGracePeriodSeconds: grace, finalizers } }: KubeObject) => [
  ...(grace === undefined ? [] : [String(grace)]),
  ...(finalizers ? ['held'] : []),
]

function writeStatus(status: Plain): Plain {
  const next = deepCopy(current()) as Plain
  next.status = { ...next.status, ...status }
  return put(next, 'status')
}

describe('a pod', () => {
  it('is bound once, which is no new generation', () => {
    expect(bind()).toMatchObject({ kind: 'Status', status: 'Success', code: 201 })
    expect(current()).toMatchObject({
      metadata: { generation: 1 },
      spec: { nodeName: 'n' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
    })
    expect(bind()).toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"' })
  })

  it('is bound through bindings of its namespace too', () => {
    const answer = realm.create('v1/bindings', { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } })
    expect(answer).toMatchObject({ status: 'Success', code: 201 })
    expect(current().spec.nodeName).toBe('n')
  })

  it('that is looked into has a new generation', () => {
    const next = deepCopy(current()) as Plain
    next.spec.ephemeralContainers = [{ name: 'debug', image: 'busybox:1' }]
    next.spec.nodeName = 'elsewhere'
    const answer = put(next, 'ephemeralcontainers')
    expect(answer.metadata.generation).toBe(2)
    expect(answer.spec.nodeName).toBeUndefined()
    expect(answer.spec.ephemeralContainers).toEqual([
      {
        name: 'debug',
        image: 'busybox:1',
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ])
  })

  it('goes at once without a node, and waits for its kubelet with one', () => {
    bind()
    expect(del({ gracePeriodSeconds: 5 })).toMatchObject({ metadata: { deletionGracePeriodSeconds: 5, generation: 2 } })
    expect(del({ gracePeriodSeconds: 0 }).kind).toBe('Pod')
    expect(isStatus(current())).toBe(true)
  })

  it('may have a grace that is longer than Go can count, which comes back from the other end', () => {
    bind()
    const secondsLeft = ({ metadata }: Plain) => Math.round((Date.parse(metadata.deletionTimestamp) - realm.realm.now()) / 1000)
    expect(secondsLeft(del({ gracePeriodSeconds: 2 ** 62 }))).toBe(0)
    expect(secondsLeft(del({ gracePeriodSeconds: 2e10 }))).toBe(2e10 - Math.floor(2 ** 64 / 1e9) - 1)
  })

  // Each event with the grace and the finalizer it shows; of the last answer the grace, and how many events old it is.
  it.each<[string, () => Plain, string[], string]>([
    ['at once', () => del({ gracePeriodSeconds: 0 }), ['MODIFIED 0', 'DELETED 0'], '0, 0'],
    ['after some of its grace', () => del({ gracePeriodSeconds: 9 }) && del({ gracePeriodSeconds: 0 }), ['MODIFIED 9', 'MODIFIED 0', 'DELETED 0'], '0, 0'],
    ['with its last finalizer', () => hold() && del({ gracePeriodSeconds: 0 }) && release(), ['MODIFIED held', 'MODIFIED 0 held', 'DELETED 0 held'], '0, 1'],
    [
      'after its last finalizer',
      () => hold() && del({ gracePeriodSeconds: 9 }) && release() && del({ gracePeriodSeconds: 0 }),
      ['MODIFIED held', 'MODIFIED 9 held', 'MODIFIED 9', 'MODIFIED 0', 'DELETED 0'],
      '0, 0',
    ],
  ])('that is deleted %s is seen without grace before it goes', (_name, end, events, last) => {
    bind()
    const { revision } = realm.realm.store
    const answer = end()
    const rows = realm.realm.store.after(revision) as readonly WatchEvent[]
    expect(rows.map(({ type, stored }) => [type, ...endingOf(stored.object)].join(' '))).toEqual(events)
    expect(`${answer.metadata.deletionGracePeriodSeconds}, ${realm.realm.store.revision - Number(answer.metadata.resourceVersion)}`).toBe(last)
    expect(answer.metadata.generation).toBe(2)
  })

  it('that is deleted without grace in a dry run is there after it', () => {
    bind()
    const { resourceVersion } = current().metadata
    expect(del({ gracePeriodSeconds: 0, dryRun: ['All'] })).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0, generation: 2, resourceVersion } })
    expect(current().metadata.deletionTimestamp).toBeUndefined()
  })

  it('that does not run is evicted without a word about budgets', () => {
    expect(evict({}, true)).toMatchObject({ status: 'Success', code: 201 })
    expect(current().kind).toBe('Pod')
    expect(evict()).toMatchObject({ status: 'Success', code: 201 })
    expect(isStatus(current())).toBe(true)
  })

  it('is evicted by the older API too, and by no other', () => {
    expect(evict({ apiVersion: 'policy/v1beta2' })).toMatchObject({
      code: 400,
      message: expect.stringContaining('no kind "Eviction" is registered for version'),
    })
    expect(evict({ apiVersion: 'policy/v1beta1' })).toMatchObject({ status: 'Success', code: 201 })
  })

  it('that runs is evicted as far as its budget goes', () => {
    bind()
    writeStatus({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })
    const budget = realm.create(budgets, { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } })
    expect(evict()).toMatchObject({ code: 429, details: { retryAfterSeconds: 10 } })
    const status = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 }
    const budgetCall = { ...callOf('b', 'status'), definition: podDisruptionBudget }
    attempt(() => update(realm.realm, budgetCall, { value: { ...budget, status } }).object)
    expect(evict({}, true)).toMatchObject({ status: 'Success' })
    expect(evict()).toMatchObject({ status: 'Success' })
    expect(current()).toMatchObject({ metadata: { deletionGracePeriodSeconds: 30 } })
    expect(current().status?.conditions?.at(-1)).toMatchObject({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' })
  })

  it('keeps its owners when its status is written', () => {
    const next = deepCopy(current()) as Plain
    next.metadata.ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y' }]
    next.status.podIP = '10.0.0.1'
    const answer = put(next, 'status')
    expect(answer.metadata.ownerReferences).toBeUndefined()
    expect(answer.status).toMatchObject({ podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] })
  })
})
