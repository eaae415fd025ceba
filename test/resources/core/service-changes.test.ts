// What a Service is given by default, what goes with its type, and what it is warned of.
import { describe, expect, it } from 'vitest'
import { deepCopy, type Plain } from '../../../src/machinery/index.js'
import { service } from '../../../src/resources/index.js'
import { allocated, context, serviceOf } from './service-sketch.js'

const balancer = { type: 'LoadBalancer' }
const named = { type: 'ExternalName', clusterIP: '', clusterIPs: undefined, ipFamilies: undefined, ipFamilyPolicy: undefined, externalName: 'example.com' }
const mode = 'service.kubernetes.io/topology-mode'
const hints = 'service.kubernetes.io/topology-aware-hints'

describe('a default', () => {
  it.each<[string, object, Plain]>([
    [
      'of a plain service',
      {},
      {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        externalTrafficPolicy: undefined,
        allocateLoadBalancerNodePorts: undefined,
      },
    ],
    ['of a headless service', { clusterIP: 'None' }, { internalTrafficPolicy: 'Cluster' }],
    ['of node ports', { type: 'NodePort' }, { externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: undefined }],
    ['of a balancer', balancer, { externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster', allocateLoadBalancerNodePorts: true }],
    ['of external addresses', { externalIPs: ['192.0.2.1'] }, { externalTrafficPolicy: 'Cluster' }],
    [
      'of a name',
      { type: 'ExternalName', externalName: 'example.com' },
      { internalTrafficPolicy: undefined, externalTrafficPolicy: undefined, sessionAffinity: 'None' },
    ],
    ['of an unknown type', { type: 'Magic' }, { internalTrafficPolicy: undefined }],
    [
      'never replaces what is said',
      { ...balancer, allocateLoadBalancerNodePorts: false, internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' },
      { allocateLoadBalancerNodePorts: false, internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' },
    ],
    ['of affinity', { sessionAffinity: 'ClientIP' }, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }],
    [
      'of affinity with an empty configuration',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: {} } },
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } },
    ],
    ['without affinity drops its configuration', { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }, { sessionAffinityConfig: undefined }],
    [
      'of ports',
      { ports: [{ port: 80 }, { port: 81, targetPort: '' }, { port: 82, targetPort: 'http' }] },
      {
        ports: [
          { protocol: 'TCP', port: 80, targetPort: 80 },
          { protocol: 'TCP', port: 81, targetPort: 81 },
          { protocol: 'TCP', port: 82, targetPort: 'http' },
        ],
      },
    ],
  ])('%s', (_, spec, expected) => {
    const filled = serviceOf(spec).spec as Plain
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, filled[name]]))).toEqual(expected)
  })
})

describe('a change of the type', () => {
  const local = { ...balancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_001, loadBalancerClass: 'a/b', ports: [{ port: 80, nodePort: 30_080 }] }
  const changed = (before: object, after: object): Plain => {
    const old = allocated(before, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } })
    const draft = allocated(after, { status: deepCopy(old.status) })
    service.prepareForUpdate?.(draft, old, context)
    return draft
  }

  it.each<[string, object, object, Plain]>([
    [
      'drops what the new one has no use for',
      local,
      { ...local, type: 'ClusterIP' },
      {
        healthCheckNodePort: undefined,
        loadBalancerClass: undefined,
        allocateLoadBalancerNodePorts: undefined,
        externalTrafficPolicy: undefined,
        nodePort: undefined,
      },
    ],
    [
      'keeps a policy that external addresses need',
      { ...local, externalIPs: ['192.0.2.9'] },
      { ...local, type: 'ClusterIP', externalIPs: ['192.0.2.9'] },
      { externalTrafficPolicy: 'Local' },
    ],
    [
      'keeps what was edited on the way',
      local,
      { ...local, type: 'ClusterIP', loadBalancerClass: 'c/d', healthCheckNodePort: 30_002, ports: [{ port: 80, nodePort: 30_081 }] },
      { loadBalancerClass: 'c/d', healthCheckNodePort: 30_002, nodePort: 30_081 },
    ],
    [
      'to a name drops addresses',
      {},
      { type: 'ExternalName', externalName: 'example.com' },
      {
        clusterIP: undefined,
        clusterIPs: undefined,
        ipFamilies: undefined,
        ipFamilyPolicy: undefined,
        internalTrafficPolicy: undefined,
        sessionAffinity: 'None',
      },
    ],
    [
      'to a name keeps addresses that were edited',
      {},
      { type: 'ExternalName', clusterIPs: ['10.96.0.8'] },
      { clusterIPs: ['10.96.0.8'], ipFamilies: undefined },
    ],
  ])('%s', (_, before, after, expected) => {
    const { spec } = changed(before, after)
    const seen: Plain = { ...spec, nodePort: spec.ports[0].nodePort }
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, seen[name]]))).toEqual(expected)
  })

  it('clears what a balancer reported', () => {
    expect(changed(local, { ...local, type: 'NodePort' }).status).toEqual({ loadBalancer: {} })
    expect(changed(local, local).status).toEqual({ loadBalancer: { ingress: [{ ip: '192.0.2.1', ipMode: 'VIP' }] } })
  })
})

describe('a warning', () => {
  const headless = { clusterIP: 'None', clusterIPs: ['None'] }

  it.each<[string, object, string[], object?]>([
    ['of nothing', {}, []],
    ['of old hints', {}, [`annotation ${hints} is deprecated, please use ${mode} instead`], { annotations: { [hints]: 'auto' } }],
    [
      'of odd addresses',
      { clusterIP: '010.96.0.9', clusterIPs: ['010.96.0.9'], externalIPs: ['FD00::1'], loadBalancerIP: '::ffff:192.0.2.1' },
      [
        'spec.clusterIPs[0]: non-standard IP address "010.96.0.9" will be considered invalid in a future Kubernetes release: use "10.96.0.9"',
        'spec.externalIPs[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
        'spec.loadBalancerIP: non-standard IP address "::ffff:192.0.2.1" will be considered invalid in a future Kubernetes release: use "192.0.2.1"',
      ],
    ],
    [
      'of an odd range',
      { ...balancer, loadBalancerSourceRanges: ['10.0.0.1/8'] },
      ['spec.loadBalancerSourceRanges[0]: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'],
    ],
    [
      'of what a headless service ignores',
      { ...headless, loadBalancerIP: '192.0.2.1', externalIPs: ['192.0.2.2'], sessionAffinity: 'ClientIP' },
      [
        'spec.loadBalancerIP is ignored for headless services',
        'spec.externalIPs is ignored for headless services',
        'spec.SessionAffinity is ignored for headless services',
      ],
    ],
    ['of what a name ignores', { ...named, externalIPs: ['192.0.2.2'] }, ['spec.externalIPs is ignored when spec.type is "ExternalName"']],
    ['of a name that is ignored', { externalName: 'example.com' }, ['spec.externalName is ignored when spec.type is not "ExternalName"']],
    ['of an old distribution', { trafficDistribution: 'PreferClose' }, ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']],
    ['of nothing in a new distribution', { trafficDistribution: 'PreferSameZone' }, []],
  ])('%s', (_, spec, warnings, metadata) => {
    expect(service.warnings?.(allocated(spec, { metadata }), undefined)).toEqual(warnings)
  })
})
