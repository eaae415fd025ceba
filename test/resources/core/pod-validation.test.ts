import { describe, expect, it } from 'vitest'
import type { FieldError } from '../../../src/machinery/index.js'
import { validatePodTemplate } from '../../../src/resources/core/pod-validation.js'
import { pod } from '../../../src/resources/index.js'
import { context, podOf } from './pod-sketch.js'

const texts = (errors: readonly FieldError[] = []) => errors.map(({ field, body }) => `${field}: ${body}`)
const wrongWith = (spec: object) => texts(pod.validate?.(podOf(spec), context))
const container = (more: object) => ({ containers: [{ name: 'c', image: 'a', ...more }] })
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const labelKey =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('a pod', () => {
  it('of one container with an image is sound', () => {
    expect(wrongWith({})).toEqual([])
  })

  it.each<[string, object, string | string[]]>([
    ['no containers', { containers: [] }, 'spec.containers: Required value'],
    [
      'an unknown restart policy',
      { restartPolicy: 'Sometimes' },
      'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ],
    [
      'an unknown DNS policy',
      { dnsPolicy: 'Magic' },
      'spec.dnsPolicy: Unsupported value: "Magic": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
    ['no DNS configuration where it needs one', { dnsPolicy: 'None' }, 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    ['a node selector that is no label', { nodeSelector: { 'bad key': 'x' } }, `spec.nodeSelector: Invalid value: "bad key": ${labelKey}`],
    ['a deadline of zero', { activeDeadlineSeconds: 0 }, 'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
    ['a host name that is none', { hostname: 'Not_A_Host' }, `spec.hostname: Invalid value: "Not_A_Host": ${label}`],
    [
      'ephemeral containers from the start',
      { ephemeralContainers: [{ name: 'd', image: 'a' }] },
      'spec.ephemeralContainers: Forbidden: cannot be set on create',
    ],
    [
      'a node although it is gated',
      { nodeName: 'n', schedulingGates: [{ name: 'x.y/gate' }] },
      'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared',
    ],
    [
      'a toleration that matches nothing',
      { tolerations: [{ operator: 'Maybe' }] },
      [
        'spec.tolerations[0].operator: Invalid value: "Maybe": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        'spec.tolerations[0].operator: Unsupported value: "Maybe": supported values: "Equal", "Exists"',
      ],
    ],
    [
      'a toleration that ends without having begun',
      { tolerations: [{ key: 'a', operator: 'Exists', tolerationSeconds: 3 }] },
      'spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
    ],
    ['the same volume twice', { volumes: [{ name: 'v' }, { name: 'v', emptyDir: {} }] }, 'spec.volumes[1].name: Duplicate value: "v"'],
    [
      'a volume of two kinds',
      { volumes: [{ name: 'v', emptyDir: {}, configMap: { name: 'x' } }] },
      'spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type',
    ],
    ['a claim without a name', { volumes: [{ name: 'v', persistentVolumeClaim: {} }] }, 'spec.volumes[0].persistentVolumeClaim.claimName: Required value'],
    [
      'a file that climbs out of its volume',
      { volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: '../x' }] } }] },
      'spec.volumes[0].secret.items[0].path: Invalid value: "../x": must not contain \'..\'',
    ],
    [
      'spreading by nothing',
      { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'Never' }] },
      [
        'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
        'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
        'spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"',
      ],
    ],
    [
      'affinity to nothing',
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } },
      'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
    ],
    [
      'another port on the network of its node',
      { hostNetwork: true, containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80, hostPort: 81 }] }] },
      'spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true',
    ],
    [
      'two containers on one port of the node',
      { containers: ['c', 'd'].map((name) => ({ name, image: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] })) },
      'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//8080"',
    ],
    ['two containers of one name', { containers: ['a', 'b'].map((image) => ({ name: 'c', image })) }, 'spec.containers[1].name: Duplicate value: "c"'],
    ['an init container called like another', { initContainers: [{ name: 'c', image: 'a' }] }, 'spec.initContainers[0].name: Duplicate value: "c"'],
    [
      'a probe of an init container',
      { initContainers: [{ name: 'i', image: 'a', livenessProbe: { exec: { command: ['x'] } } }] },
      'spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  ])('is refused for %s', (_, spec, expected) => {
    expect(wrongWith(spec)).toEqual([expected].flat())
  })
})

describe('a container', () => {
  it.each<[string, object, string | string[]]>([
    ['no name', { name: undefined }, 'name: Required value'],
    ['no image', { image: undefined }, 'image: Required value'],
    ['a name that is no label', { name: 'Bad_Name' }, `name: Invalid value: "Bad_Name": ${label}`],
    ['an image with spaces around it', { image: ' a' }, 'image: Invalid value: " a": must not have leading or trailing whitespace'],
    ['port 0', { ports: [{ containerPort: 0 }] }, 'ports[0].containerPort: Required value'],
    [
      'a long port name',
      { ports: [{ name: 'thisnameistoolong', containerPort: 80 }] },
      'ports[0].name: Invalid value: "thisnameistoolong": must be no more than 15 characters',
    ],
    [
      'a port name twice',
      {
        ports: [
          { name: 'x', containerPort: 80 },
          { name: 'x', containerPort: 81 },
        ],
      },
      'ports[1].name: Duplicate value: "x"',
    ],
    [
      'a request above its limit',
      { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } },
      'resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
    ],
    ['a negative request', { resources: { requests: { cpu: '-1' } } }, 'resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    [
      'an unknown resource',
      { resources: { requests: { foo: '1' } } },
      [
        'resources.requests[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
        'resources.requests[foo]: Invalid value: "foo": must be a standard resource for containers',
      ],
    ],
    [
      'a device without a limit',
      { resources: { requests: { 'example.com/gpu': '1' } } },
      'resources.limits: Required value: Limit must be set for non overcommitable resources',
    ],
    ['a variable without a name', { env: [{ name: '', value: 'x' }] }, 'env[0].name: Required value'],
    [
      'a variable of two sources',
      { env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      'env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
    ],
    [
      'a variable of a field that has no name',
      { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] },
      'env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x',
    ],
    ['variables from nowhere', { envFrom: [{}] }, 'envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'],
    ['a mount of nothing', { volumeMounts: [{ name: 'nope', mountPath: '/x' }] }, 'volumeMounts[0].name: Not found: "nope"'],
    ['a probe that does nothing', { livenessProbe: {} }, 'livenessProbe: Required value: must specify a handler type'],
    [
      'a negative period',
      { livenessProbe: { httpGet: { port: 80 }, periodSeconds: -1 } },
      'livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a probe that asks twice',
      { readinessProbe: { httpGet: { port: 80 }, exec: { command: ['x'] } } },
      'readinessProbe.httpGet: Forbidden: may not specify more than 1 handler type',
    ],
    [
      'several successes to stay alive',
      { livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } },
      'livenessProbe.successThreshold: Invalid value: 2: must be 1',
    ],
    [
      'an unknown pull policy',
      { imagePullPolicy: 'Maybe' },
      'imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      'an unknown message policy',
      { terminationMessagePolicy: 'Maybe' },
      'terminationMessagePolicy: Unsupported value: "Maybe": supported values: "File", "FallbackToLogsOnError"',
    ],
    [
      'rules for restarts without a policy',
      { restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] },
      'restartPolicy: Required value: must specify restartPolicy when restart rules are used',
    ],
    ['a negative user', { securityContext: { runAsUser: -1 } }, 'securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive'],
  ])('is refused for %s', (_, more, expected) => {
    expect(wrongWith(container(more))).toEqual([expected].flat().map((text) => `spec.containers[0].${text}`))
  })
})

describe('a template', () => {
  it('is held to the same, under its own path', () => {
    const { spec } = podOf({ restartPolicy: 'Sometimes' })
    const errors = validatePodTemplate({ metadata: { labels: { 'bad key': 'x' } }, spec }, 'spec.template')
    expect(errors.map(({ field }) => field)).toEqual(['spec.template.labels', 'spec.template.spec.restartPolicy'])
  })
})

describe('a hostile pod', () => {
  const many = 20_000
  it.each<[string, object]>([
    ['tolerations', { tolerations: Array.from({ length: 130_000 }, () => ({ operator: 'Maybe' })) }],
    ['mounts', container({ volumeMounts: Array.from({ length: many }, () => ({ name: 'v', mountPath: '/x' })) })],
    ['ports', container({ ports: Array.from({ length: many }, () => ({ containerPort: 0 })) })],
    ['brackets in the path of a field', container({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "['".repeat(many) } } }] })],
  ])('with too many %s costs no more than reading it', (_, spec) => {
    expect(wrongWith(spec).length).toBeGreaterThan(0)
  })
})
