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
    [{ nodes: -1 }, /^--nodes: -1 is out of range: give a whole number from 0 to 256/],
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
