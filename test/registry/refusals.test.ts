import { beforeAll, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { openRealm, refusalOf, type TestRealm } from '../support/realm.js'

const template = (app: string, more: Plain = {}) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }], ...more } })
const selector = (app: string) => ({ matchLabels: { app } })
const jobTemplate = (more: Plain = {}) => ({ spec: { containers: [{ name: 'c', image: 'busybox:1' }], ...more } })
const never = { restartPolicy: 'Never' }
const ingressPath = (more: Plain) => ({ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } }, ...more })
const ingress = (more: Plain) => ({ rules: [{ http: { paths: [ingressPath(more)] } }] })
const claim = (more: Plain = {}) => ({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more })

describe('a new object is refused:', () => {
  let realm: TestRealm
  beforeAll(() => {
    realm = openRealm()
  })

  it.each<[string, Plain, string]>([
    [
      'apps/v1/deployments',
      { spec: { selector: selector('x'), template: template('y') } },
      'Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"y"}: `selector` does not match template `labels`',
    ],
    [
      'apps/v1/deployments',
      { spec: { template: template('y') } },
      'Deployment.apps "a" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: {"app":"y"}: `selector` does not match template `labels`]',
    ],
    [
      'apps/v1/deployments',
      { spec: { selector: {}, template: template('y') } },
      'Deployment.apps "a" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment',
    ],
    [
      'apps/v1/deployments',
      { spec: { selector: selector('y'), template: template('y', { restartPolicy: 'Never' }) } },
      'Deployment.apps "a" is invalid: spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      'apps/v1/deployments',
      { spec: { selector: selector('y'), template: template('y'), strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } } },
      'Deployment.apps "a" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
    ],
    [
      'apps/v1/deployments',
      { spec: { selector: selector('y'), template: template('y'), strategy: { type: 'Recreate', rollingUpdate: {} } } },
      'Deployment.apps "a" is invalid: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is \'Recreate\'',
    ],
    [
      'batch/v1/jobs',
      { spec: { template: jobTemplate() } },
      'Job.batch "a" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      'batch/v1/cronjobs',
      { spec: { schedule: 'whenever', jobTemplate: { spec: { template: jobTemplate(never) } } } },
      'CronJob.batch "a" is invalid: spec.schedule: Invalid value: "whenever": expected exactly 5 fields, found 1: [whenever]',
    ],
    [
      'batch/v1/cronjobs',
      { spec: { schedule: 'TZ=UTC 0 0 * * *', jobTemplate: { spec: { template: jobTemplate(never) } } } },
      'CronJob.batch "a" is invalid: spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    [
      'networking.k8s.io/v1/ingresses',
      { spec: {} },
      'Ingress.networking.k8s.io "a" is invalid: spec: Invalid value: null: either `defaultBackend` or `rules` must be specified',
    ],
    [
      'networking.k8s.io/v1/ingresses',
      { spec: ingress({ path: 'x', backend: { service: { name: 'web', port: {} } } }) },
      'Ingress.networking.k8s.io "a" is invalid: [spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path, spec.rules[0].http.paths[0].backend: Required value: port name or number is required]',
    ],
    [
      'networking.k8s.io/v1/ingresses',
      { spec: ingress({ pathType: undefined }) },
      'Ingress.networking.k8s.io "a" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ],
    [
      'networking.k8s.io/v1/networkpolicies',
      { spec: { podSelector: {}, ingress: [{ from: [{}] }] } },
      'NetworkPolicy.networking.k8s.io "a" is invalid: spec.ingress[0].from[0]: Required value: must specify a peer',
    ],
    ['networking.k8s.io/v1/ingressclasses', { spec: {} }, 'IngressClass.networking.k8s.io "a" is invalid: spec.controller: Required value'],
    [
      'v1/persistentvolumeclaims',
      { spec: claim({ accessModes: [] }) },
      'PersistentVolumeClaim "a" is invalid: spec.accessModes: Required value: at least 1 access mode is required',
    ],
    ['v1/persistentvolumeclaims', { spec: claim({ resources: {} }) }, 'PersistentVolumeClaim "a" is invalid: spec.resources[storage]: Required value'],
    [
      'v1/persistentvolumeclaims',
      { spec: claim({ accessModes: ['Odd'] }) },
      'PersistentVolumeClaim "a" is invalid: spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
    ],
    [
      'rbac.authorization.k8s.io/v1/roles',
      { rules: [{ resources: ['pods'], apiGroups: [''] }] },
      'Role.rbac.authorization.k8s.io "a" is invalid: rules[0].verbs: Required value: verbs must contain at least one value',
    ],
    [
      'autoscaling/v2/horizontalpodautoscalers',
      { spec: { maxReplicas: 0, scaleTargetRef: { kind: 'Deployment', name: 'd' } } },
      'HorizontalPodAutoscaler.autoscaling "a" is invalid: [spec.maxReplicas: Invalid value: 0: must be greater than 0, spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`]',
    ],
    ['storage.k8s.io/v1/storageclasses', {}, 'StorageClass.storage.k8s.io "a" is invalid: provisioner: Required value'],
    [
      'scheduling.k8s.io/v1/priorityclasses',
      { value: 2_000_000_000 },
      'PriorityClass.scheduling.k8s.io "a" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
    ],
  ])('%s %#', (resource, more, message) => {
    expect(refusalOf(realm.create(resource, { metadata: { name: 'a' }, ...more }))).toBe(message)
  })
})

describe('a change is refused:', () => {
  it.each<[string, Plain, (object: Plain) => void, string]>([
    [
      'apps/v1/deployments',
      { spec: { selector: selector('d'), template: template('d') } },
      ({ spec }) => (spec.selector = selector('e')),
      'Deployment.apps "a" is invalid: [spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`, spec.selector: Invalid value: {"matchLabels":{"app":"e"}}: field is immutable]',
    ],
    [
      'apps/v1/statefulsets',
      { spec: { serviceName: 's', selector: selector('d'), template: template('d') } },
      ({ spec }) => (spec.serviceName = 'other'),
      "StatefulSet.apps \"a\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      'rbac.authorization.k8s.io/v1/rolebindings',
      { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' } },
      ({ roleRef }) => (roleRef.name = 'other'),
      'RoleBinding.rbac.authorization.k8s.io "a" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef',
    ],
    [
      'v1/persistentvolumeclaims',
      { spec: claim() },
      ({ spec }) => (spec.resources.requests.storage = '500Mi'),
      'PersistentVolumeClaim "a" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
    ],
    [
      'storage.k8s.io/v1/storageclasses',
      { provisioner: 'x.y/z' },
      (object) => (object.provisioner = 'other/z'),
      'StorageClass.storage.k8s.io "a" is invalid: provisioner: Forbidden: updates to provisioner are forbidden.',
    ],
  ])('%s %#', (resource, object, change, message) => {
    const realm = openRealm()
    expect(refusalOf(realm.create(resource, { metadata: { name: 'a' }, ...object }))).toBeUndefined()
    expect(refusalOf(realm.change(resource, 'a', change))).toBe(message)
  })
})

describe('a daemon set', () => {
  it('counts the versions of its template', () => {
    const realm = openRealm()
    const generation = 'deprecated.daemonset.template.generation'
    const made = realm.create('apps/v1/daemonsets', { metadata: { name: 'a' }, spec: { selector: selector('d'), template: template('d') } }) as Plain
    expect(made.metadata.annotations).toEqual({ [generation]: '1' })
    const changed = realm.change('apps/v1/daemonsets', 'a', ({ spec }) => (spec.template.spec.hostNetwork = true)) as Plain
    expect(changed.metadata.annotations).toEqual({ [generation]: '2' })
  })
})

describe('an autoscaler', () => {
  it('is one object in both versions of its API', () => {
    const realm = openRealm()
    const spec = { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } }
    realm.create('autoscaling/v1/horizontalpodautoscalers', { metadata: { name: 'a' }, spec: { ...spec, targetCPUUtilizationPercentage: 33 } })
    const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } }
    const newer = realm.change('autoscaling/v2/horizontalpodautoscalers', 'a', ({ spec }) => (spec.behavior = behavior)) as Plain
    expect(newer.spec.metrics).toEqual([{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 33 } } }])
    const older = realm.change('autoscaling/v1/horizontalpodautoscalers', 'a', ({ spec }) => (spec.targetCPUUtilizationPercentage = 44)) as Plain
    expect(older.spec.targetCPUUtilizationPercentage).toBe(44)
    expect(Object.keys(older.metadata.annotations)).toEqual(['autoscaling.alpha.kubernetes.io/behavior'])
    const last = realm.change('autoscaling/v2/horizontalpodautoscalers', 'a', ({ spec }) => (spec.maxReplicas = 4)) as Plain
    expect(last.spec).toMatchObject({ behavior, maxReplicas: 4 })
    expect(last.metadata.annotations).toBeUndefined()
  })
})
