import { describe, expect, it } from 'vitest'
import { defaultServerOptions, enabledControllers, type ServerOptions, validateServerOptions } from '../src/server-options.js'

const known = { controllers: ['endpointslice-controller', 'namespace-controller', 'kubelet'], admissionPlugins: ['NamespaceLifecycle', 'ServiceAccount'] }

const settingsOf = (options: Partial<ServerOptions>) => {
  const checked = validateServerOptions(options, known)
  if ('problem' in checked) throw new Error(checked.problem)
  return checked.settings
}

it('without options the documented defaults hold', () => {
  const {
    controllers: _all,
    serviceClusterIPRange: _range,
    serviceNodePortRange: _ports,
    loadBalancerDelay: _delay,
    etcdCompactionInterval: _interval,
    ...same
  } = defaultServerOptions
  expect(settingsOf({})).toEqual({
    ...same,
    controllers: known.controllers,
    serviceClusterIPRanges: [{ cidr: '10.96.0.0/16', family: 'IPv4', firstAddress: '10.96.0.1' }],
    serviceNodePortRange: { first: 30000, last: 32767 },
    clusterCIDRs: ['10.244.0.0/16'],
    nodeMaskSizes: { IPv4: 24, IPv6: 64 },
    loadBalancerDelayMillis: 0,
    historyMillisMax: 300_000,
  })
  expect(settingsOf({ nodes: undefined }).nodes).toBe(3)
})

it.each([
  ['10.0.0.77/24', [{ cidr: '10.0.0.0/24', family: 'IPv4', firstAddress: '10.0.0.1' }]],
  ['10.255.255.248/29', [{ cidr: '10.255.255.248/29', family: 'IPv4', firstAddress: '10.255.255.249' }]],
  [
    'fd00:10:96::7/112, 10.96.0.0/16',
    [
      { cidr: 'fd00:10:96::/112', family: 'IPv6', firstAddress: 'fd00:10:96::1' },
      { cidr: '10.96.0.0/16', family: 'IPv4', firstAddress: '10.96.0.1' },
    ],
  ],
])('the service network %s is understood', (serviceClusterIPRange, ranges) => {
  expect(settingsOf({ serviceClusterIPRange }).serviceClusterIPRanges).toEqual(ranges)
})

it.each([
  ['30000-30010', { first: 30000, last: 30010 }],
  ['30000+10', { first: 30000, last: 30010 }],
  ['1-65535', { first: 1, last: 65535 }],
])('the node ports %s are understood', (serviceNodePortRange, range) => {
  expect(settingsOf({ serviceNodePortRange }).serviceNodePortRange).toEqual(range)
})

it.each([
  ['0', 0],
  ['500ms', 500],
  ['1.5s', 1500],
  ['2m', 120_000],
])('the delay %s of load balancers is understood', (loadBalancerDelay, millis) => {
  expect(settingsOf({ loadBalancerDelay }).loadBalancerDelayMillis).toBe(millis)
})

it.each([
  ['30s', 30_000],
  ['10m', 600_000],
  ['0', Number.POSITIVE_INFINITY],
])('the compaction interval %s is understood', (etcdCompactionInterval, millis) => {
  expect(settingsOf({ etcdCompactionInterval }).historyMillisMax).toBe(millis)
})

it.each([
  [['*'], known.controllers],
  [
    ['*', '-kubelet'],
    ['endpointslice-controller', 'namespace-controller'],
  ],
  [['kubelet'], ['kubelet']],
  [['-kubelet'], []],
  [
    ['-kubelet', 'kubelet', '*'],
    ['endpointslice-controller', 'namespace-controller'],
  ],
])('of the controllers %j run', (selection, enabled) => {
  expect(enabledControllers(selection, known.controllers)).toEqual(enabled)
})

it.each<[Partial<ServerOptions>, string[], number?, number?]>([
  [{ nodes: 256 }, ['10.244.0.0/16']],
  [{ nodes: 257 }, ['10.128.0.0/9']],
  [{ nodes: 5000, serviceClusterIPRange: '10.96.0.0/16,fd00:10:96::/112' }, ['10.128.0.0/9', 'fd00:10:244::/48']],
  [{ serviceClusterIPRange: 'fd00:10:96::/112' }, ['fd00:10:244::/56']],
  [{ clusterCIDR: '10.1.2.3/12' }, ['10.0.0.0/12']],
  [{ clusterCIDR: 'fd00::/48, 10.0.0.0/16', nodeCIDRMaskSizeIPv4: 20 }, ['fd00::/48', '10.0.0.0/16'], 20],
  [{ clusterCIDR: '10.0.0.0/16,fd00::/48', nodeCIDRMaskSizeIPv6: 60 }, ['10.0.0.0/16', 'fd00::/48'], 24, 60],
  [{ clusterCIDR: '10.0.0.0/16', nodeCIDRMaskSize: 28, nodes: 4096 }, ['10.0.0.0/16'], 28, 28],
  [{ clusterCIDR: 'fd00::/48', nodeCIDRMaskSizeIPv6: 56 }, ['fd00::/48'], 24, 56],
  // Finer parts make the usual network do.
  [{ nodeCIDRMaskSize: 26, nodes: 1024 }, ['10.244.0.0/16'], 26, 26],
  [{ nodeCIDRMaskSize: 0, nodeCIDRMaskSizeIPv4: 0 }, ['10.244.0.0/16']],
])('with %j the pod network is %j', (options, clusterCIDRs, ipv4 = 24, ipv6 = 64) => {
  expect(settingsOf(options)).toMatchObject({ clusterCIDRs, nodeMaskSizes: { IPv4: ipv4, IPv6: ipv6 } })
})

describe('a problem names flag, value and way out', () => {
  it.each<[Partial<ServerOptions>, RegExp]>([
    [{ bindAddress: 'localhost' }, /^--bind-address: "localhost" is no IP address: give one such as 127\.0\.0\.1/],
    [{ securePort: 70000 }, /^--secure-port: 70000 is no port/],
    [{ grpcPort: -1 }, /^--grpc-port: -1 is no port/],
    [{ securePort: 9000, grpcPort: 9000 }, /^--secure-port and --grpc-port are both 9000/],
    [{ insecurePort: 9000, grpcPort: 9000 }, /^--insecure-port and --grpc-port are both 9000/],
    [{ insecurePort: 1.5 }, /^--insecure-port: 1\.5 is no port/],
    [{ securePort: 'off', insecurePort: 'off' }, /both off: leave one of them on/],
    [{ securePort: 8080 }, /are both 8080: choose two ports/],
    [{ nodes: -1 }, /^--nodes: -1 is out of range: give a whole number from 0 to 65536/],
    [{ maxEndpointsPerSlice: 0 }, /^--max-endpoints-per-slice: 0 .* from 1 to 1000/],
    [{ maxEndpointsPerSlice: Number.NaN }, /^--max-endpoints-per-slice/],
    [{ authorizationMode: 'RBAC' }, /^--authorization-mode: "RBAC" is not supported yet: use AlwaysAllow/],
    [{ authorizationMode: 'Node,RBAC' }, /not supported yet/],
    [{ authorizationMode: 'Nonsense' }, /is unknown: use AlwaysAllow/],
    [
      { controllers: ['*', '-nonsense'] },
      /^--controllers: there is no controller "nonsense": known are endpointslice-controller, namespace-controller, kubelet$/,
    ],
    [
      { disableAdmissionPlugins: ['Nonsense'] },
      /^--disable-admission-plugins: there is no admission plugin "Nonsense": known are NamespaceLifecycle, ServiceAccount$/,
    ],
    [{ serviceClusterIPRange: 'nonsense' }, /^--service-cluster-ip-range: "nonsense" is no network: give one such as 10\.96\.0\.0\/16/],
    [{ serviceClusterIPRange: '10.96/16' }, /is no network/],
    [{ serviceClusterIPRange: '10.96.0.0/30' }, /is too small: give a prefix of at most \/29/],
    [{ serviceClusterIPRange: 'fd00::/48' }, /is too large: give a prefix of at least \/64/],
    [{ serviceClusterIPRange: '10.96.0.0/16,10.97.0.0/16' }, /two IPv4 ranges/],
    [{ serviceClusterIPRange: '10.96.0.0/16,fd00::/112,10.97.0.0/16' }, /has 3 ranges/],
    [{ clusterCIDR: '10.244.0.0' }, /^--cluster-cidr: "10\.244\.0\.0" is no network: give one range such as 10\.244\.0\.0\/16, or one of each family/],
    [{ clusterCIDR: '' }, /^--cluster-cidr: "" is no network/],
    [
      { clusterCIDR: '10.0.0.0/16,10.1.0.0/16' },
      /^--cluster-cidr: len of ClusterCIDRs==2 and they are not configured as dual stack \(at least one from each IPFamily\): give/,
    ],
    [{ clusterCIDR: '10.0.0.0/16,fd00::/56,10.1.0.0/16' }, /^--cluster-cidr: len of clusters is:3 > more than max allowed of 2: give/],
    [{ clusterCIDR: '10.0.0.0/25' }, /mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size .*: give a network of at most \/24$/],
    [{ clusterCIDR: 'fd00::/40' }, /New CIDR set failed; the node CIDR size is too big: give a network of at least \/48 for nodes of \/64$/],
    [{ nodeCIDRMaskSize: 33 }, /^--node-cidr-mask-size: 33 is out of range: give a whole number from 1 to 32$/],
    [{ nodeCIDRMaskSizeIPv6: -1 }, /^--node-cidr-mask-size-ipv6: -1 is out of range: give a whole number from 1 to 128$/],
    [
      { clusterCIDR: '10.0.0.0/16,fd00::/56', nodeCIDRMaskSize: 24 },
      /^usage of --node-cidr-mask-size is not allowed with dual-stack clusters: give --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6$/,
    ],
    [
      { nodeCIDRMaskSize: 24, nodeCIDRMaskSizeIPv4: 25 },
      /^usage of --node-cidr-mask-size-ipv4 and --node-cidr-mask-size-ipv6 is not allowed if --node-cidr-mask-size is set\./,
    ],
    [{ nodeCIDRMaskSizeIPv6: 64 }, /^usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster: leave it out$/],
    [{ clusterCIDR: 'fd00::/48', nodeCIDRMaskSizeIPv4: 24 }, /^usage of --node-cidr-mask-size-ipv4 is not allowed for a single-stack IPv6 cluster/],
    [
      { clusterCIDR: '10.244.0.0/20', nodes: 17 },
      /^--nodes: 17 nodes do not fit into the pod network 10\.244\.0\.0\/20, which has parts for 16: give a wider --cluster-cidr, or a larger --node-cidr-mask-size/,
    ],
    // A part that Services have is no node's.
    [{ clusterCIDR: '10.244.0.0/20', serviceClusterIPRange: '10.244.1.0/24', nodes: 16 }, /which has parts for 15: /],
    [{ nodes: 40_000 }, /^--nodes: 40000 nodes do not fit into the pod network 10\.128\.0\.0\/9, which has parts for 32768: /],
    [{ serviceNodePortRange: '30000' }, /is no range of ports/],
    [{ serviceNodePortRange: '32767-30000' }, /ends before it begins/],
    [{ serviceNodePortRange: '30000-70000' }, /out of range/],
    [{ loadBalancerIPRange: '198.18.0.0' }, /^--load-balancer-ip-range: "198\.18\.0\.0" is no network: give one such as 198\.18\.0\.0\/24/],
    [{ etcdCompactionInterval: '5x' }, /^--etcd-compaction-interval: "5x" is no duration: give one such as 500ms, 2s or 1m$/],
    [{ loadBalancerDelay: 'soon' }, /^--load-balancer-delay: "soon" is no duration: give one such as 500ms, 2s or 1m$/],
    [{ logLevel: 'loud' }, /^--log-level: there is no level "loud": known are trace, debug, info/],
    [{ data: '' }, /^--data is empty/],
    [{ manifests: ['a', ''] }, /^--manifests has an empty path/],
  ])('%j', (options, problem) => {
    expect(validateServerOptions(options, known)).toHaveProperty('problem', expect.stringMatching(problem))
    expect((validateServerOptions(options, known) as { problem: string }).problem).not.toMatch(/\n/)
  })
})
