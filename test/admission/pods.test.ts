import { describe, expect, it } from 'vitest'
import { defaultTolerationSeconds } from '../../src/admission/default-toleration-seconds.js'
import { limitRanger } from '../../src/admission/limit-ranger.js'
import { podTopologyLabels } from '../../src/admission/pod-topology-labels.js'
import { priority } from '../../src/admission/priority.js'
import { runtimeClassStep } from '../../src/admission/runtime-class.js'
import { serviceAccountStep } from '../../src/admission/service-account.js'
import { pod, priorityClass } from '../../src/resources/index.js'
import type { Sketch } from '../support/snapshot.js'
import { run } from './request.js'

const web = (spec: object = {}, metadata: object = {}): Sketch => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: { containers: [{ name: 'c', image: 'a', resources: {} }], ...spec },
})
const account = (name: string, more: object = {}): Sketch => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'shop' }, ...more })
const priorityOf = (name: string, value: number, more: object = {}): Sketch => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...more,
})

describe('the service account of a pod', () => {
  const mount = { name: 'kube-api-access-bbbbb', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }

  it('is default, with its token in a volume of every container', () => {
    const { object } = run(serviceAccountStep, pod, web(), { present: [account('default')] })
    expect(object.spec).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' })
    expect(object.spec.containers[0].volumeMounts).toEqual([mount])
    expect(object.spec.volumes).toEqual([
      {
        name: 'kube-api-access-bbbbb',
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
          ],
          defaultMode: 420,
        },
      },
    ])
  })

  it.each([
    ['the pod does not want it', { automountServiceAccountToken: false }, {}],
    ['the account does not give it', {}, { automountServiceAccountToken: false }],
  ])('brings no token when %s', (_, spec, more) => {
    const { object } = run(serviceAccountStep, pod, web(spec), { present: [account('default', more)] })
    expect(object.spec.volumes).toBeUndefined()
  })

  it('leaves alone a container that mounts something there', () => {
    const own = { name: 'own', mountPath: mount.mountPath }
    const containers = [{ name: 'c', resources: {}, volumeMounts: [own] }]
    const { object } = run(serviceAccountStep, pod, web({ containers }), { present: [account('default')] })
    expect(object.spec.containers[0].volumeMounts).toEqual([own])
    expect(object.spec.volumes).toBeUndefined()
  })

  it('lends its pull secrets to a pod without any', () => {
    const present = [account('default', { imagePullSecrets: [{ name: 'registry' }] })]
    expect(run(serviceAccountStep, pod, web(), { present }).object.spec.imagePullSecrets).toEqual([{ name: 'registry' }])
    expect(run(serviceAccountStep, pod, web({ imagePullSecrets: [{ name: 'own' }] }), { present }).object.spec.imagePullSecrets).toEqual([{ name: 'own' }])
  })

  it('must exist', () => {
    const { refused } = run(serviceAccountStep, pod, web({ serviceAccountName: 'ghost' }))
    expect(refused?.message).toBe('pods "web" is forbidden: error looking up service account shop/ghost: serviceaccount "ghost" not found')
    expect(refused?.details).toEqual({ name: 'web', kind: 'pods' })
  })

  it('may still be on its way in a namespace that has just been made', () => {
    const shop = (creationTimestamp: string): Sketch => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', creationTimestamp } })
    expect(run(serviceAccountStep, pod, web(), { present: [shop('2024-01-02T03:04:04Z')] }).object.spec.volumes).toHaveLength(1)
    expect(run(serviceAccountStep, pod, web(), { present: [shop('2024-01-02T03:00:00Z')] }).refused?.code).toBe(403)
  })

  it('is nothing for the mirror of a static pod', () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' }
    expect(run(serviceAccountStep, pod, web({}, { annotations })).object).toEqual(web({}, { annotations }))
    expect(run(serviceAccountStep, pod, web({ serviceAccountName: 'a' }, { annotations })).refused?.message).toContain('may not reference service accounts')
  })
})

describe('tolerations every pod gets', () => {
  const added = (key: string) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })
  it.each([
    ['no tolerations', undefined, [added('not-ready'), added('unreachable')]],
    ['one that covers all', [{ operator: 'Exists' }], [{ operator: 'Exists' }]],
    [
      'one of them',
      [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }],
      [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }, added('unreachable')],
    ],
    [
      'another effect',
      [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }],
      [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }, added('not-ready'), added('unreachable')],
    ],
  ])('respect %s', (_, tolerations, expected) => {
    expect(run(defaultTolerationSeconds, pod, web(tolerations ? { tolerations } : {})).object.spec.tolerations).toEqual(expected)
  })
})

describe('the priority of a pod', () => {
  it.each([
    ['0 without any class', {}, [], { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }],
    ['that of its class', { priorityClassName: 'high' }, [priorityOf('high', 9, { preemptionPolicy: 'Never' })], { priority: 9, preemptionPolicy: 'Never' }],
    [
      'that of the default class',
      {},
      [priorityOf('usual', 5, { globalDefault: true, preemptionPolicy: 'PreemptLowerPriority' })],
      { priority: 5, priorityClassName: 'usual' },
    ],
  ])('is %s', (_, spec, present, expected) => {
    expect(run(priority, pod, web(spec), { present }).object.spec).toMatchObject(expected)
  })

  it.each([
    [{ priorityClassName: 'ghost' }, 'no PriorityClass with name ghost was found'],
    [
      { priority: 5 },
      'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    ],
    [
      { preemptionPolicy: 'Never' },
      'the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name',
    ],
  ])('is not for %j to say', (spec, message) => {
    expect(run(priority, pod, web(spec)).refused?.message).toBe(`pods "web" is forbidden: ${message}`)
  })

  it('is kept by an update that leaves it out', () => {
    const old = web({ priority: 7, preemptionPolicy: 'Never' })
    expect(run(priority, pod, web(), { operation: 'UPDATE', old }).object.spec).toMatchObject({ priority: 7, preemptionPolicy: 'Never' })
  })

  it('has one default class at most', () => {
    const present = [priorityOf('first', 1, { globalDefault: true })]
    const second = priorityOf('second', 2, { globalDefault: true })
    expect(run(priority, priorityClass, second, { present }).refused?.message).toBe(
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
    )
    expect(run(priority, priorityClass, present[0], { present, operation: 'UPDATE' }).refused).toBeUndefined()
  })
})

describe('the runtime class of a pod', () => {
  const runtime = (more: object): Sketch => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'vm' }, handler: 'vm', ...more })
  const vm = { runtimeClassName: 'vm' }

  it('adds overhead, node selector and tolerations', () => {
    const tolerations = [{ key: 'a', operator: 'Exists' }]
    const present = [runtime({ overhead: { podFixed: { cpu: '10m' } }, scheduling: { nodeSelector: { x: 'y' }, tolerations } })]
    const given = { ...vm, nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }] }
    const { object } = run(runtimeClassStep, pod, web(given), { present })
    expect(object.spec).toMatchObject({ overhead: { cpu: '10m' }, nodeSelector: { disk: 'ssd', x: 'y' }, tolerations })
  })

  it.each([
    ['a class that is not there', vm, [], 'pod rejected: RuntimeClass "vm" not found'],
    ['overhead without a class', { overhead: { cpu: '1' } }, [], 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'],
    [
      'other overhead',
      { ...vm, overhead: { cpu: '1' } },
      [runtime({ overhead: { podFixed: { cpu: '2' } } })],
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      'another node',
      { ...vm, nodeSelector: { x: 'z' } },
      [runtime({ scheduling: { nodeSelector: { x: 'y' } } })],
      'conflict: runtimeClass.scheduling.nodeSelector[x] = y; pod.spec.nodeSelector[x] = z',
    ],
  ])('refuses %s', (_, spec, present, message) => {
    expect(run(runtimeClassStep, pod, web(spec), { present }).refused?.message).toBe(`pods "web" is forbidden: ${message}`)
  })
})

describe('the limits of a namespace', () => {
  const limits = (...items: object[]): Sketch => ({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l', namespace: 'shop' }, spec: { limits: items } })
  const withResources = (resources: object) => web({ containers: [{ name: 'c', resources }] })

  it('fill in what containers leave out, and say so', () => {
    const present = [limits({ type: 'Container', default: { cpu: '2', memory: '1Gi' }, defaultRequest: { cpu: '1' } })]
    const { object } = run(limitRanger, pod, withResources({ limits: { cpu: '3' } }), { present })
    expect(object.spec.containers[0].resources).toEqual({ limits: { cpu: '3', memory: '1Gi' }, requests: { cpu: '1' } })
    expect(object.metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container c; memory limit for container c',
    })
  })

  it.each([
    ['too little', { type: 'Container', min: { cpu: '1' } }, { requests: { cpu: '500m' } }, 'minimum cpu usage per Container is 1, but request is 500m'],
    ['nothing where there is a minimum', { type: 'Container', min: { cpu: '1' } }, {}, 'minimum cpu usage per Container is 1.  No request is specified'],
    ['too much', { type: 'Container', max: { memory: '1Gi' } }, { limits: { memory: '2Gi' } }, 'maximum memory usage per Container is 1Gi, but limit is 2Gi'],
    ['no limit where there is a maximum', { type: 'Pod', max: { cpu: '1' } }, {}, 'maximum cpu usage per Pod is 1.  No limit is specified'],
    [
      'a limit far above the request',
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '1' }, limits: { cpu: '3' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
    [
      'several things wrong',
      { type: 'Container', max: { cpu: '1', memory: '1' } },
      {},
      '[maximum cpu usage per Container is 1.  No limit is specified, maximum memory usage per Container is 1.  No limit is specified]',
    ],
  ])('refuse %s', (_, item, resources, message) => {
    expect(run(limitRanger, pod, withResources(resources), { present: [limits(item)] }).refused?.message).toBe(`pods "web" is forbidden: ${message}`)
  })

  it('accept what is between them', () => {
    const present = [limits({ type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '2' } })]
    expect(run(limitRanger, pod, withResources({ requests: { cpu: '1' }, limits: { cpu: '2' } }), { present }).refused).toBeUndefined()
  })
})

describe('the place of a pod', () => {
  const zone = 'topology.kubernetes.io/zone'
  const present: Sketch[] = [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { [zone]: 'a', other: 'x' } } }]
  it('becomes its labels when it is bound', () => {
    const bound = web({ nodeName: 'n' }, { labels: { app: 'web' } })
    expect(run(podTopologyLabels, pod, bound, { present, operation: 'UPDATE', subresource: 'binding' }).object.metadata.labels).toEqual({
      app: 'web',
      [zone]: 'a',
    })
    expect(run(podTopologyLabels, pod, bound, { present, operation: 'UPDATE' }).object.metadata.labels).toEqual({ app: 'web' })
    expect(run(podTopologyLabels, pod, web({ nodeName: 'ghost' }), { present }).object.metadata.labels).toBeUndefined()
  })
})
