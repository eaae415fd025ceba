import { describe, expect, it } from 'vitest'
import { defaultIngressClass } from '../../src/admission/default-ingress-class.js'
import { defaultStorageClass } from '../../src/admission/default-storage-class.js'
import { admissionPluginNames, admissionSteps } from '../../src/admission/index.js'
import { namespaceLifecycle } from '../../src/admission/namespace-lifecycle.js'
import { persistentVolumeClaimResize } from '../../src/admission/persistent-volume-claim-resize.js'
import { storageObjectInUseProtection } from '../../src/admission/storage-object-in-use-protection.js'
import { taintNodesByCondition } from '../../src/admission/taint-nodes-by-condition.js'
import { configMap, ingress, localSubjectAccessReview, namespace, node, persistentVolumeClaim, pod } from '../../src/resources/index.js'
import type { Sketch } from '../support/snapshot.js'
import { run } from './request.js'

describe('the steps', () => {
  it('come in upstream order and can be left out by name', () => {
    expect(admissionPluginNames.slice(0, 5)).toEqual(['NamespaceLifecycle', 'LimitRanger', 'ServiceAccount', 'TaintNodesByCondition', 'Priority'])
    const left = admissionSteps({ disabledPlugins: ['ServiceAccount'] }).map(({ plugin }) => plugin)
    expect(left).not.toContain('ServiceAccount')
    expect(left).toContain('LimitRanger')
  })
})

describe('a namespace', () => {
  const settings: Sketch = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' } }
  const shop = (phase: string): Sketch => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, status: { phase } })

  it('must be there for what is made in it', () => {
    const { refused } = run(namespaceLifecycle, configMap, settings)
    expect(refused).toMatchObject({ code: 404, message: 'namespaces "shop" not found', details: { name: 'shop', kind: 'namespaces' } })
    expect(run(namespaceLifecycle, configMap, settings, { present: [shop('Active')] }).refused).toBeUndefined()
  })

  it('takes nothing new while it goes, but lets go and change', () => {
    const present = [shop('Terminating')]
    const { refused } = run(namespaceLifecycle, configMap, settings, { present })
    expect(refused?.message).toBe('configmaps "settings" is forbidden: unable to create new content in namespace shop because it is being terminated')
    expect(refused?.details?.causes).toEqual([{ reason: 'NamespaceTerminating', message: 'namespace shop is being terminated', field: 'metadata.namespace' }])
    expect(run(namespaceLifecycle, configMap, settings, { present, operation: 'UPDATE' }).refused).toBeUndefined()
    expect(run(namespaceLifecycle, configMap, settings, { present, operation: 'DELETE' }).refused).toBeUndefined()
    expect(run(namespaceLifecycle, pod, settings, { present, operation: 'UPDATE', subresource: 'binding' }).refused?.code).toBe(403)
  })

  it('goes by its generateName while an object has no name', () => {
    const nameless = { ...settings, metadata: { name: '', generateName: 'set-', namespace: 'shop' } }
    expect(run(namespaceLifecycle, configMap, nameless, { present: [shop('Terminating')] }).refused?.message).toMatch(/^configmaps "set-" is forbidden/)
  })

  it.each([
    ['default', 'namespaces "default" is forbidden: this namespace may not be deleted'],
    ['kube-node-lease', undefined],
  ])('called %s may be deleted unless it is one of three', (name, message) => {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    expect(run(namespaceLifecycle, namespace, object, { operation: 'DELETE' }).refused?.message).toBe(message)
  })

  it('is no matter for questions of access', () => {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'LocalSubjectAccessReview', metadata: { name: '', namespace: 'ghost' } }
    expect(run(namespaceLifecycle, localSubjectAccessReview, review).refused).toBeUndefined()
  })
})

describe('a new node', () => {
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  it.each([
    [undefined, [taint]],
    [[{ key: 'a', effect: 'NoSchedule' }], [{ key: 'a', effect: 'NoSchedule' }, taint]],
    [[taint], [taint]],
  ])('with taints %j has %j', (taints, expected) => {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: taints ? { taints } : {} }
    expect(run(taintNodesByCondition, node, object).object.spec.taints).toEqual(expected)
  })
})

describe('a new claim', () => {
  const claim = (spec: object = {}): Sketch => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'shop' }, spec })
  const storageClassOf = (name: string, creationTimestamp: string, isDefault = 'true'): Sketch => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name, creationTimestamp, annotations: { 'storageclass.kubernetes.io/is-default-class': isDefault } },
  })
  const present = [
    storageClassOf('a', '2024-01-01T00:00:00Z'),
    storageClassOf('b', '2024-01-02T00:00:00Z'),
    storageClassOf('c', '2024-01-02T00:00:00Z'),
    storageClassOf('d', '2024-01-03T00:00:00Z', 'false'),
  ]

  it('gets the newest default class unless it names one', () => {
    expect(run(defaultStorageClass, persistentVolumeClaim, claim(), { present }).object.spec.storageClassName).toBe('b')
    expect(run(defaultStorageClass, persistentVolumeClaim, claim({ storageClassName: '' }), { present }).object.spec.storageClassName).toBe('')
    expect(run(defaultStorageClass, persistentVolumeClaim, claim()).object.spec.storageClassName).toBeUndefined()
  })

  it.each<[string, object, object | undefined, string | undefined]>([
    ['a claim that is not bound', { status: { phase: 'Pending' } }, { allowVolumeExpansion: true }, 'Only bound persistent volume claims can be expanded'],
    [
      'a claim whose class does not allow it',
      { status: { phase: 'Bound' } },
      {},
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    ],
    ['any other claim, and does', { status: { phase: 'Bound' } }, { allowVolumeExpansion: true }, undefined],
  ])('may not grow as %s', (_, status, storage, message) => {
    const sized = (size: string) => ({ ...claim({ storageClassName: 'fast', resources: { requests: { storage: size } } }), ...status })
    const fast = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' }, ...storage }
    const { refused } = run(persistentVolumeClaimResize, persistentVolumeClaim, sized('2Gi'), { operation: 'UPDATE', old: sized('1Gi'), present: [fast] })
    expect(refused?.message).toBe(message && `persistentvolumeclaims "c" is forbidden: ${message}`)
  })

  it('is protected while in use', () => {
    expect(run(storageObjectInUseProtection, persistentVolumeClaim, claim()).object.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  })
})

describe('a new ingress', () => {
  it('gets the default class unless it names one', () => {
    const present = [
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'IngressClass',
        metadata: { name: 'edge', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      },
    ]
    const object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i', namespace: 'shop' }, spec: {} }
    expect(run(defaultIngressClass, ingress, object, { present }).object.spec.ingressClassName).toBe('edge')
    const annotated = { ...object, metadata: { ...object.metadata, annotations: { 'kubernetes.io/ingress.class': 'own' } } }
    expect(run(defaultIngressClass, ingress, annotated, { present }).object.spec.ingressClassName).toBeUndefined()
  })
})
