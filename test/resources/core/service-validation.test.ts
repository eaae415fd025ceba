// What is refused of a new Service, of a changed one, and of a status.
import { describe, expect, it } from 'vitest'
import type { FieldError } from '../../../src/machinery/index.js'
import { type Service, service } from '../../../src/resources/index.js'
import { allocated, context } from './service-sketch.js'

const texts = (errors: readonly FieldError[] = []) => errors.map(({ field, body }) => `${field}: ${body}`)
const wrongWith = (spec: object, metadata: object = {}) => texts(service.validate?.(allocated(spec, { metadata }), context))
const balancer = { type: 'LoadBalancer' }
const named = { type: 'ExternalName', clusterIP: '', clusterIPs: undefined, ipFamilies: undefined, ipFamilyPolicy: undefined, externalName: 'example.com' }
const onlyBalanced = "may only be used when `type` is 'LoadBalancer'"
const range = 'must be between 1 and 65535, inclusive'
const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const badCIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const mode = 'service.kubernetes.io/topology-mode'
const hints = 'service.kubernetes.io/topology-aware-hints'
const ranges = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const internalPort = (protocol: string, port: number) => `{"Name":"","Protocol":"${protocol}","AppProtocol":null,"Port":${port},"TargetPort":0,"NodePort":0}`

describe('a new service', () => {
  it.each<[string, object]>([
    ['with a port', {}],
    ['of node ports', { type: 'NodePort' }],
    ['behind a balancer', { ...balancer, loadBalancerClass: 'example.com/lb', loadBalancerSourceRanges: [' 10.0.0.0/8 '] }],
    ['behind a balancer that checks its health', { ...balancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_000 }],
    ['that is a name', named],
    ['that is a complete name with node ports', { ...named, externalName: 'example.com.', ports: [{ port: 80, nodePort: 80 }] }],
    ['without a head and without ports', { clusterIP: 'None', clusterIPs: ['None'], ports: undefined }],
    ['without a head whose target differs', { clusterIP: 'None', clusterIPs: ['None'], ports: [{ port: 80, targetPort: 8080 }] }],
    ['with external addresses', { externalIPs: ['192.0.2.1', '2001:db8::1'], externalTrafficPolicy: 'Local' }],
    ['that sticks for a day', { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_400 } } }],
    [
      'of one number and two protocols',
      {
        ports: [
          { name: 'a', port: 53 },
          { name: 'b', port: 53, protocol: 'UDP' },
        ],
      },
    ],
    ['that prefers its node', { trafficDistribution: 'PreferSameNode' }],
  ])('%s is sound', (_, spec) => {
    expect(wrongWith(spec)).toEqual([])
  })

  it.each<[string, object, string[]]>([
    ['no ports', { ports: undefined }, ['spec.ports: Required value']],
    ['a port of zero', { ports: [{ port: 0 }] }, [`spec.ports[0].port: Invalid value: 0: ${range}`, `spec.ports[0].targetPort: Invalid value: 0: ${range}`]],
    [
      'an unknown protocol',
      { ports: [{ port: 80, protocol: 'ICMP' }] },
      ['spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'a target that is no name',
      { ports: [{ port: 80, targetPort: 'a--b' }] },
      ['spec.ports[0].targetPort: Invalid value: "a--b": must not contain consecutive hyphens'],
    ],
    ['a target that is no port', { ports: [{ port: 80, targetPort: 65_536 }] }, [`spec.ports[0].targetPort: Invalid value: 65536: ${range}`]],
    ['an application protocol that is none', { ports: [{ port: 80, appProtocol: 'a b' }] }, [`spec.ports[0].appProtocol: Invalid value: "a b": ${qualified}`]],
    ['several ports without names', { ports: [{ port: 80 }, { port: 81 }] }, ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
    ['a port name that is none', { ports: [{ name: 'A', port: 80 }] }, [`spec.ports[0].name: Invalid value: "A": ${label}`]],
    [
      'a port name twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'a', port: 81 },
        ],
      },
      ['spec.ports[1].name: Duplicate value: "a"'],
    ],
    [
      'a port twice',
      {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 80 },
        ],
      },
      [`spec.ports[1]: Duplicate value: ${internalPort('TCP', 80)}`],
    ],
    [
      'a node port twice',
      {
        type: 'NodePort',
        ports: [
          { name: 'a', port: 80, nodePort: 30_080 },
          { name: 'b', port: 81, nodePort: 30_080 },
        ],
      },
      ['spec.ports[1].nodePort: Duplicate value: 30080'],
    ],
    [
      'a node port without node ports',
      { ports: [{ port: 80, nodePort: 5 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'an unknown type',
      { type: 'Magic' },
      ['spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
    ],
    ['no name where it is one', { ...named, externalName: '.' }, ['spec.externalName: Required value']],
    ['a name that is none', { ...named, externalName: 'a b' }, [`spec.externalName: Invalid value: "a b": ${subdomain}`]],
    [
      'addresses where it is a name',
      { type: 'ExternalName', externalName: 'example.com' },
      [
        'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilies: Forbidden: may not be set for ExternalName services',
        'spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services',
      ],
    ],
    [
      'node ports without a head',
      { type: 'NodePort', clusterIP: 'None', clusterIPs: ['None'] },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services'],
    ],
    ['a selector that is none', { selector: { 'bad key!': 'v' } }, [`spec.selector: Invalid value: "bad key!": ${qualified}`]],
    ['an unknown affinity', { sessionAffinity: 'Sticky' }, ['spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"']],
    [
      'an affinity for too long',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } },
      ['spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400'],
    ],
    [
      'more than two addresses',
      { clusterIPs: ['10.96.0.9', 'fd00::1', 'fd00::2'] },
      ['spec.clusterIPs: Invalid value: ["10.96.0.9","fd00::1","fd00::2"]: may only hold up to 2 values'],
    ],
    [
      'external addresses that are none or special',
      { externalIPs: ['x', '127.0.0.1', '0.0.0.0', '169.254.0.1', '224.0.0.1'] },
      [
        `spec.externalIPs[0]: Invalid value: "x": ${badIP}`,
        'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        'spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
        'spec.externalIPs[3]: Invalid value: "169.254.0.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        'spec.externalIPs[4]: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      ],
    ],
    ['source ranges without a balancer', { loadBalancerSourceRanges: ['10.0.0.0/8'] }, [`spec.LoadBalancerSourceRanges: Forbidden: ${onlyBalanced}`]],
    [
      'source ranges that are none',
      { ...balancer, loadBalancerSourceRanges: ['10.0.0.0/8', ' x '] },
      [`spec.LoadBalancerSourceRanges[1]: Invalid value: "x": ${badCIDR}`],
    ],
    ['a choice of node ports without a balancer', { allocateLoadBalancerNodePorts: false }, [`spec.allocateLoadBalancerNodePorts: Forbidden: ${onlyBalanced}`]],
    ['a class without a balancer', { loadBalancerClass: 'x/y' }, [`spec.loadBalancerClass: Forbidden: ${onlyBalanced}`]],
    ['a class that is none', { ...balancer, loadBalancerClass: 'a b' }, [`spec.loadBalancerClass: Invalid value: "a b": ${qualified}`]],
    [
      'an external policy that nobody reaches',
      { externalTrafficPolicy: 'Local' },
      ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
    [
      'an unknown external policy',
      { type: 'NodePort', externalTrafficPolicy: 'Far' },
      ['spec.externalTrafficPolicy: Unsupported value: "Far": supported values: "Cluster", "Local"'],
    ],
    [
      'a health check port that nobody asks',
      { type: 'NodePort', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_000 },
      ["spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"],
    ],
    [
      'an unknown internal policy',
      { internalTrafficPolicy: 'Near' },
      ['spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"'],
    ],
    [
      'an unknown distribution',
      { trafficDistribution: 'Any' },
      ['spec.trafficDistribution: Unsupported value: "Any": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"'],
    ],
  ])('with %s is refused', (_, spec, errors) => {
    expect(wrongWith(spec)).toEqual(errors)
  })

  it.each<[string, object, Record<string, string>, string[]]>([
    [
      'two topologies that differ',
      {},
      { [mode]: 'Auto', [hints]: 'Disabled' },
      [`metadata.annotations[${mode}]: Invalid value: "Auto": must match annotations[${hints}] when both are specified`],
    ],
    ['two topologies that agree', {}, { [mode]: 'Auto', [hints]: 'Auto' }, []],
    ['source ranges without a balancer', {}, { [ranges]: '' }, [`metadata.annotations[${ranges}]: Forbidden: ${onlyBalanced}`]],
    ['source ranges that are none', balancer, { [ranges]: '10.0.0.0/8, x' }, [`metadata.annotations[${ranges}]: Invalid value: "x": ${badCIDR}`]],
    ['source ranges that the field replaces', { ...balancer, loadBalancerSourceRanges: ['10.0.0.0/8'] }, { [ranges]: 'x' }, []],
  ])('annotated with %s', (_, spec, annotations, errors) => {
    expect(wrongWith(spec, { annotations })).toEqual(errors)
  })

  it('is named as a DNS label of the old rule', () => {
    expect(service.validateName?.('web-1', false)).toEqual([])
    expect(service.validateName?.('1web', false)).toEqual([expect.stringMatching(/^a DNS-1035 label must/)])
  })

  it('of ten thousand ports is judged at once', () => {
    const ports = Array.from({ length: 10_000 }, (_, index) => ({ name: `p${index}`, port: index + 1 }))
    expect(wrongWith({ ports })).toEqual([])
  }, 1000)
})

describe('a changed service', () => {
  const two = { clusterIPs: ['10.96.0.9', 'fd00::9'], ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' }

  it.each<[string, object, object, string[]]>([
    [
      'with another second address',
      two,
      { ...two, clusterIPs: ['10.96.0.9', 'fd00::8'] },
      ['spec.clusterIPs[1]: Invalid value: ["10.96.0.9","fd00::8"]: may not change once set'],
    ],
    [
      'that loses its second address without saying so',
      two,
      { ...two, clusterIPs: ['10.96.0.9'] },
      ['spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary clusterIP'],
    ],
    [
      'that loses its second family without saying so',
      two,
      { ...two, ipFamilies: ['IPv4'] },
      ['spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be set to \'SingleStack\' when releasing the secondary ipFamily'],
    ],
    [
      'that loses all addresses',
      {},
      { clusterIP: '', clusterIPs: undefined, ipFamilies: undefined },
      [
        'spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset',
        'spec.ipFamilies[0]: Invalid value: null: primary ipFamily can not be unset',
      ],
    ],
    [
      'with another class',
      { ...balancer, loadBalancerClass: 'a/b' },
      { ...balancer },
      ['spec.loadBalancerClass: Invalid value: null: may not change once set'],
    ],
    [
      'with a class and another type',
      { ...balancer },
      { loadBalancerClass: 'a/b' },
      [`spec.loadBalancerClass: Forbidden: ${onlyBalanced}`, `spec.loadBalancerClass: Forbidden: ${onlyBalanced}`],
    ],
    [
      'with another health check port',
      { ...balancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_000 },
      { ...balancer, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_001 },
      ['spec.healthCheckNodePort: Forbidden: field is immutable'],
    ],
    ['that was a name', named, {}, []],
    ['that is a name now', {}, named, []],
    ['with a second address', {}, two, []],
  ])('%s', (_, before, after, errors) => {
    expect(texts(service.validateUpdate?.(allocated(after), allocated(before), context))).toEqual(errors)
  })
})

describe('a status', () => {
  const wrongStatus = (ingress: object, spec: object = balancer) => {
    const object = { ...allocated(spec), status: { loadBalancer: { ingress: [ingress] } } } as Service
    return texts(service.validateStatusUpdate?.(object, object, context))
  }
  const at = 'status.loadBalancer.ingress[0]'

  it.each<[string, object, string[]]>([
    ['with an address', { ip: '192.0.2.1', ipMode: 'VIP' }, []],
    ['with a name', { hostname: 'lb.example.com' }, []],
    ['with no address', { ip: 'x', ipMode: 'VIP' }, [`${at}.ip: Invalid value: "x": ${badIP}`]],
    ['without a mode', { ip: '192.0.2.1' }, [`${at}.ipMode: Required value: must be specified when \`ip\` is set`]],
    ['with a mode of nothing', { ipMode: 'VIP' }, [`${at}.ipMode: Forbidden: may not be specified when \`ip\` is not set`]],
    ['with an unknown mode', { ip: '192.0.2.1', ipMode: 'Magic' }, [`${at}.ipMode: Unsupported value: "Magic": supported values: "Proxy", "VIP"`]],
    ['with an address for a name', { hostname: '192.0.2.1' }, [`${at}.hostname: Invalid value: "192.0.2.1": must be a DNS name, not an IP address`]],
    ['with a bad name', { hostname: 'a b' }, [`${at}.hostname: Invalid value: "a b": ${subdomain}`]],
  ])('%s', (_, ingress, errors) => {
    expect(wrongStatus(ingress)).toEqual(errors)
  })

  it('of a balancer is for balanced services only', () => {
    expect(wrongStatus({ ip: 'x' }, {})).toEqual(["status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"])
  })
})
