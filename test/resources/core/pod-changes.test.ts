import { describe, expect, it } from 'vitest'
import { deepCopy, type FieldError, type SubresourceContext } from '../../../src/machinery/index.js'
import { type Pod, pod } from '../../../src/resources/index.js'
import { type Sketch, snapshotOf } from '../../support/snapshot.js'
import { context, podOf } from './pod-sketch.js'

const texts = (errors: readonly FieldError[] = []) => errors.map(({ field, body }) => `${field}: ${body.split('\n')[0]}`)
const immutable =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

describe('a change of a pod', () => {
  const one = { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }
  it.each<[string, object, object, string[]]>([
    ['another image', {}, { containers: [{ name: 'c', image: 'b', imagePullPolicy: 'Always' }] }, []],
    ['a command', {}, { containers: [{ name: 'c', image: 'a', command: ['x'] }] }, [immutable]],
    ['a node', {}, { nodeName: 'n' }, [immutable]],
    ['a first deadline', {}, { activeDeadlineSeconds: 100 }, []],
    ['an earlier deadline', { activeDeadlineSeconds: 100 }, { activeDeadlineSeconds: 50 }, []],
    [
      'a later deadline',
      { activeDeadlineSeconds: 100 },
      { activeDeadlineSeconds: 200 },
      ['spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value'],
    ],
    [
      'no deadline',
      { activeDeadlineSeconds: 100 },
      {},
      ['spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
    ],
    [
      'one more container',
      {},
      { containers: ['c', 'd'].map((name) => ({ name, image: 'a' })) },
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
    ['one more toleration', { tolerations: [one] }, { tolerations: [one, { operator: 'Exists' }] }, []],
    ['longer toleration', { tolerations: [one] }, { tolerations: [{ ...one, tolerationSeconds: 9 }] }, []],
    ['less toleration', { tolerations: [one] }, {}, ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds']],
    ['an open gate', { schedulingGates: [{ name: 'x.y/a' }] }, {}, []],
    [
      'a new gate',
      {},
      { schedulingGates: [{ name: 'x.y/a' }] },
      ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'x.y/a'"],
    ],
    ['another node selector', { nodeSelector: { a: 'b' } }, { nodeSelector: { a: 'b', c: 'd' } }, [immutable]],
    [
      'a narrower node selector while gated',
      { nodeSelector: { a: 'b' }, schedulingGates: [{ name: 'x.y/a' }] },
      { nodeSelector: { a: 'b', c: 'd' }, schedulingGates: [{ name: 'x.y/a' }] },
      [],
    ],
    [
      'another node selector while gated',
      { nodeSelector: { a: 'b' }, schedulingGates: [{ name: 'x.y/a' }] },
      { nodeSelector: { a: 'c' }, schedulingGates: [{ name: 'x.y/a' }] },
      ['spec.nodeSelector: Invalid value: {"a":"c"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)'],
    ],
  ])('to %s is judged', (_, old, next, expected) => {
    expect(texts(pod.validateUpdate?.(podOf(next), podOf(old), context))).toEqual(expected)
  })
})

const calling = (present: Sketch[] = []): SubresourceContext => ({
  ...context,
  snapshot: snapshotOf(present),
  random: { integer: () => 0, uuid: () => '' },
  dryRun: false,
  issueToken: () => '',
  issuer: '',
  warn: () => {},
})
const post = (subresource: string, parent: Pod, body: object, calls = calling()) =>
  // biome-ignore lint/suspicious/noExplicitAny: the outcome is one of several shapes, told apart by what is expected
  pod.subresourceHooks?.[subresource].create?.(parent, body, calls, () => deepCopy(parent)) as any

describe('a new pod', () => {
  it.each([
    ['BestEffort', {}],
    ['Burstable', { requests: { cpu: '100m' } }],
    ['Guaranteed', { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1Gi' } }],
  ])('is Pending and %s by its resources', (qosClass, resources) => {
    const draft = podOf({ containers: [{ name: 'c', image: 'a', resources }] })
    pod.prepareForCreate?.(draft, context)
    expect(draft.status).toEqual({ phase: 'Pending', qosClass })
  })

  it('that is gated says so', () => {
    const draft = podOf({ schedulingGates: [{ name: 'x.y/a' }] })
    pod.prepareForCreate?.(draft, context)
    expect(draft.status?.conditions).toEqual([
      {
        type: 'PodScheduled',
        status: 'False',
        lastTransitionTime: '2024-01-02T03:04:05Z',
        reason: 'SchedulingGated',
        message: 'Scheduling is blocked due to non-empty scheduling gates',
      },
    ])
  })

  it('is warned of a name that makes no host name', () => {
    expect(pod.warnings?.(podOf({}, { metadata: { name: 'a.b' } }), undefined)[0]).toMatch(
      /^metadata.name: this is used in the Pod's hostname.*: \[must not contain dots\]$/,
    )
  })
})

describe('binding', () => {
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }

  it('gives a pod its node and what comes with it', () => {
    const { write, reply } = post('binding', podOf({}, { status: { nominatedNodeName: 'm' } }), { ...binding, metadata: { name: 'p', labels: { zone: 'z' } } })
    expect(write.spec.nodeName).toBe('n')
    expect(write.metadata.labels).toEqual({ zone: 'z' })
    expect(write.status).toEqual({ conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2024-01-02T03:04:05Z' }] })
    expect(reply).toMatchObject({ kind: 'Status', status: 'Success', code: 201 })
  })

  it.each<[string, Pod, object, string]>([
    ['bound', podOf({ nodeName: 'm' }), binding, 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "m"'],
    [
      'going',
      podOf({}, { metadata: { deletionTimestamp: '2024-01-02T03:04:05Z' } }),
      binding,
      'Operation cannot be fulfilled on pods/binding "p": pod p is being deleted, cannot be assigned to a host',
    ],
    [
      'gated',
      podOf({ schedulingGates: [{ name: 'x.y/a' }] }),
      binding,
      'Operation cannot be fulfilled on pods/binding "p": pod p has non-empty .spec.schedulingGates',
    ],
    ['another', podOf(), { ...binding, metadata: { name: 'q' } }, 'name in URL does not match name in Binding object'],
    ['bound nowhere', podOf(), { metadata: { name: 'p' }, target: {} }, 'target.name: Required value'],
  ])('refuses a pod that is %s', (_, parent, body, message) => {
    expect(post('binding', parent, body).refused.message).toBe(message)
  })
})

describe('eviction', () => {
  const eviction = { metadata: { name: 'p' } }
  const running = (ready: string) =>
    podOf({ nodeName: 'n' }, { metadata: { labels: { app: 'web' } }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] } })
  const budget = (status: object, spec: object = {}, name = 'budget'): Sketch => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace: 'shop', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2, ...status },
  })

  it('notes itself in the pod, spends from the budget and removes', () => {
    const { write, alsoWrite, remove } = post(
      'eviction',
      running('True'),
      { ...eviction, deleteOptions: { gracePeriodSeconds: 3 } },
      calling([budget({ disruptionsAllowed: 2 })]),
    )
    expect(write.status.conditions[1]).toMatchObject({
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    })
    expect(alsoWrite[0].object.status).toMatchObject({ disruptionsAllowed: 1, disruptedPods: { p: '2024-01-02T03:04:05Z' } })
    expect(remove).toEqual({ gracePeriodSeconds: 3 })
  })

  it.each<[string, object, object, string, number | undefined]>([
    ['is spent', {}, {}, 'The disruption budget budget needs 2 healthy pods and has 2 currently', undefined],
    ['is not counted yet', { observedGeneration: 0 }, {}, 'The disruption budget budget is still being processed by the server.', 10],
  ])('waits when the budget %s', (_, status, spec, message, retryAfterSeconds) => {
    const { refused } = post('eviction', running('True'), eviction, calling([budget(status, spec)]))
    expect(refused).toMatchObject({ code: 429, message: "Cannot evict pod as it would violate the pod's disruption budget." })
    expect(refused.details.causes).toEqual([{ reason: 'DisruptionBudget', message }])
    expect(refused.details.retryAfterSeconds).toBe(retryAfterSeconds)
  })

  it.each<[string, Pod, Sketch[]]>([
    ['a pod that does not run', podOf({}, { metadata: { labels: { app: 'web' } }, status: { phase: 'Pending' } }), [budget({})]],
    ['an unready pod that nobody misses', running('False'), [budget({})]],
    ['an unready pod when the budget says so', running('False'), [budget({ currentHealthy: 0 }, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })]],
    ['a pod without a budget', running('True'), []],
  ])('asks no budget for %s', (_, parent, present) => {
    const outcome = post('eviction', parent, eviction, calling(present))
    expect(outcome.remove).toBeDefined()
    expect(outcome.alsoWrite ?? []).toEqual([])
  })

  it('does not choose between two budgets', () => {
    const { reply } = post('eviction', running('True'), eviction, calling([budget({}), budget({}, {}, 'other')]))
    expect(reply).toMatchObject({
      status: 'Failure',
      code: 500,
      message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    })
  })
})

describe('the grace of a pod', () => {
  it.each<[string, Pod, number | undefined, number]>([
    ['what is asked', podOf({ nodeName: 'n' }), 5, 5],
    ['its own', podOf({ nodeName: 'n' }), undefined, 30],
    ['none without a node', podOf(), 5, 0],
    ['none when it is done', podOf({ nodeName: 'n' }, { status: { phase: 'Failed' } }), 5, 0],
    ['a second at least', podOf({ nodeName: 'n' }), -1, 1],
  ])('is %s', (_, object, asked, seconds) => {
    expect(pod.graceSeconds?.(object, asked)).toBe(seconds)
  })
})

const through = (subresource: string, draft: Pod, old: Pod) => {
  const hooks = pod.subresourceHooks?.[subresource]
  hooks?.update?.(draft, old, calling())
  return { draft, errors: texts(hooks?.validate?.(draft, old, calling())) }
}

describe('ephemeral containers', () => {
  const debug = { name: 'debug', image: 'busybox' }
  it('are all that their door lets through', () => {
    const { draft, errors } = through('ephemeralcontainers', podOf({ nodeName: 'n', ephemeralContainers: [debug] }), podOf())
    expect(draft.spec.nodeName).toBeUndefined()
    expect(draft.spec.ephemeralContainers).toHaveLength(1)
    expect(errors).toEqual([])
  })

  it.each<[string, object[], object[], string[]]>([
    ['go', [debug], [], ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed']],
    ['change', [debug], [{ ...debug, image: 'b' }], ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be changed']],
    [
      'have ports',
      [],
      [{ ...debug, ports: [{ containerPort: 80 }] }],
      ['spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container'],
    ],
  ])('may not %s', (_, old, next, expected) => {
    expect(through('ephemeralcontainers', podOf({ ephemeralContainers: next }), podOf({ ephemeralContainers: old })).errors).toEqual(expected)
  })
})

describe('resizing', () => {
  const sized = (resources: object, image = 'a') => podOf({ containers: [{ name: 'c', image, resources }] }, { status: { qosClass: 'Burstable' } })
  it('changes resources and nothing else', () => {
    const { draft, errors } = through('resize', sized({ requests: { cpu: '2' } }, 'b'), sized({ requests: { cpu: '1' } }))
    expect(draft.spec.containers?.[0]).toMatchObject({ image: 'a', resources: { requests: { cpu: '2' } } })
    expect(errors).toEqual([])
  })

  it.each<[string, object, object, string[]]>([
    [
      'the class',
      { limits: { cpu: '1', memory: '1' }, requests: { cpu: '1', memory: '1' } },
      { requests: { cpu: '1', memory: '1' } },
      ['spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
    ],
    [
      'storage',
      { requests: { cpu: '1', 'ephemeral-storage': '1' } },
      { requests: { cpu: '1', 'ephemeral-storage': '2' } },
      ['spec: Forbidden: only cpu and memory resources are mutable'],
    ],
    [
      'requests away',
      { requests: { cpu: '1' } },
      { requests: { cpu: '1', memory: '1' } },
      ['spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    ],
  ])('may not change %s', (_, next, old, expected) => {
    expect(through('resize', sized(next), sized(old)).errors).toEqual(expected)
  })
})

describe('the status of a pod', () => {
  it('keeps its two ways to say an address together', () => {
    const draft = podOf({}, { status: { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.1' }], hostIPs: [{ ip: '10.1.0.1' }] } })
    pod.subresourceHooks?.status.update?.(draft, podOf({}, { status: { qosClass: 'Burstable', observedGeneration: 3 } }), calling())
    expect(draft.status).toMatchObject({ podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }], hostIP: '10.1.0.1', qosClass: 'Burstable', observedGeneration: 3 })
  })

  it.each<[string, object, object, object, string[]]>([
    ['another class', {}, { qosClass: 'Burstable' }, { qosClass: 'Guaranteed' }, ['status.qosClass: Invalid value: "Guaranteed": field is immutable']],
    [
      'a container that ended for good and runs',
      { restartPolicy: 'Never' },
      { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1 } } }] },
      { containerStatuses: [{ name: 'c', state: { running: {} } }] },
      ['status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
    ],
    [
      'a container that may run again',
      { restartPolicy: 'OnFailure' },
      { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 1 } } }] },
      { containerStatuses: [{ name: 'c', state: { running: {} } }] },
      [],
    ],
    [
      'two addresses of one family',
      {},
      {},
      { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] },
      ['status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
    ],
    ['one of each', {}, {}, { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] }, []],
  ])('with %s is judged', (_, spec, old, next, expected) => {
    expect(texts(pod.validateStatusUpdate?.(podOf(spec, { status: next }), podOf(spec, { status: old }), context))).toEqual(expected)
  })
})
