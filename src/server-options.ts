// ServerOptions: what a server can be told, by flags or by a library user; and the ServerSettings that come of it.
// Upstream: cmd/kube-apiserver/app/options, cmd/kube-controller-manager/app/options
import { isIP } from 'node:net'
import { type ClusterNetwork, type ClusterNetworkOptions, readClusterNetwork } from './cluster-network.js'
import { defaultBalancerRange, parseBalancerPool, parseDuration } from './controllers/index.js'
import { type ClusterIPRange, type PortRange, parseClusterIPRanges, parsePortRange } from './service-ranges.js'

export interface ServerOptions extends ClusterNetworkOptions {
  /** Listen address of every port: an IP address of this machine. */
  bindAddress: string
  /** HTTPS; 0 takes any free port. */
  securePort: number | 'off'
  /** Plain HTTP, no credentials needed; 0 takes any free port. */
  insecurePort: number | 'off'
  /** gRPC; 0 takes any free port. */
  grpcPort: number | 'off'
  /** gRPC with the certificates and users of HTTPS; otherwise in plaintext, no credentials needed. */
  grpcTLS: boolean
  /** A SQLite file, created if absent, or `:memory:`. */
  data: string
  /** Where the admin kubeconfig is written; absent: a file of its own in the cache. */
  kubeconfig?: string
  /** Where the certificates are kept; absent: a cache of this user. */
  certDir?: string
  /** CSV: token, user, uid, groups. */
  tokenAuthFile?: string
  authorizationMode: string
  /** How many nodes are simulated. */
  nodes: number
  /** `*`, `foo`, `-foo`. */
  controllers: readonly string[]
  disableAdmissionPlugins: readonly string[]
  /** One range, or one of each family with a comma between. */
  serviceClusterIPRange: string
  /** `first-last`. */
  serviceNodePortRange: string
  maxEndpointsPerSlice: number
  /** Where load balancers get their addresses: one network, or one of each family with a comma between. */
  loadBalancerIPRange: string
  /** How long a load balancer takes to make: `500ms`, `2s`, `1m`. */
  loadBalancerDelay: string
  /** How long what has happened is kept, for watches that resume and lists of the past: `5m`; `0` keeps it as long as it fits. */
  etcdCompactionInterval: string
  /** How many requests that read may be under way at once, watches aside; 0: any number. */
  maxRequestsInflight: number
  /** The same for requests that write. */
  maxMutatingRequestsInflight: number
  /** With it, uids, generated names, allocated addresses and ports repeat from run to run. */
  seed?: string
  /** Files or folders of YAML applied at start. */
  manifests: readonly string[]
  /** A level of pino's, or `silent`. */
  logLevel: string
}

/** ServerOptions that were found good, with lists and ranges taken apart. */
export interface ServerSettings
  extends Omit<
      ServerOptions,
      keyof ClusterNetworkOptions | 'controllers' | 'serviceClusterIPRange' | 'serviceNodePortRange' | 'loadBalancerDelay' | 'etcdCompactionInterval'
    >,
    ClusterNetwork {
  /** Names of the controllers that run, in the order of the known ones. */
  controllers: readonly string[]
  serviceClusterIPRanges: readonly ClusterIPRange[]
  serviceNodePortRange: PortRange
  loadBalancerDelayMillis: number
  /** Infinity when the interval is 0. */
  historyMillisMax: number
}

export interface KnownNames {
  controllers: readonly string[]
  admissionPlugins: readonly string[]
}

export const defaultServerOptions: Readonly<ServerOptions> = Object.freeze({
  bindAddress: '127.0.0.1',
  securePort: 6443,
  insecurePort: 8080,
  grpcPort: 50051,
  grpcTLS: false,
  data: ':memory:',
  authorizationMode: 'AlwaysAllow',
  nodes: 3,
  controllers: Object.freeze(['*']),
  disableAdmissionPlugins: Object.freeze([]),
  serviceClusterIPRange: '10.96.0.0/16',
  serviceNodePortRange: '30000-32767',
  maxEndpointsPerSlice: 100,
  loadBalancerIPRange: defaultBalancerRange,
  loadBalancerDelay: '0s',
  etcdCompactionInterval: '5m',
  // Upstream's defaults are 400 and 200; these are what it advises for large clusters. Its administrators are not counted, and here is nobody else.
  maxRequestsInflight: 3000,
  maxMutatingRequestsInflight: 1000,
  manifests: Object.freeze([]),
  logLevel: 'info',
})

export const logLevels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

// Upstream's own limit is 5,000; pod networks end here or before, unless an IPv4 one is cut finer than is of use.
export const nodesMax = 65_536

const inflightMax = 2 ** 31 - 1

/**
 * Fills what is absent from the defaults and checks everything.
 * @returns the settings, or `problem`: one line that names the flag, the value and the way out
 */
export function validateServerOptions(given: Partial<ServerOptions>, known: KnownNames): { settings: ServerSettings } | { problem: string } {
  const options = withDefaults(given)
  const problem =
    addressProblem(options) ??
    portProblem(options) ??
    authorizationProblem(options) ??
    wholeNumberProblem('--nodes', options.nodes, 0, nodesMax) ??
    wholeNumberProblem('--max-endpoints-per-slice', options.maxEndpointsPerSlice, 1, 1000) ??
    wholeNumberProblem('--max-requests-inflight', options.maxRequestsInflight, 0, inflightMax) ??
    wholeNumberProblem('--max-mutating-requests-inflight', options.maxMutatingRequestsInflight, 0, inflightMax) ??
    nameProblem('--log-level', [options.logLevel], logLevels, 'level') ??
    nameProblem('--controllers', options.controllers.map(bareName).filter(isNotStar), known.controllers, 'controller') ??
    nameProblem('--disable-admission-plugins', options.disableAdmissionPlugins, known.admissionPlugins, 'admission plugin') ??
    emptyTextProblem(options)
  if (problem) return { problem }
  const clusterIPRanges = parseClusterIPRanges(options.serviceClusterIPRange)
  if ('problem' in clusterIPRanges) return clusterIPRanges
  const clusterNetwork = readClusterNetwork(options, { nodes: options.nodes, serviceRanges: clusterIPRanges.ranges })
  if ('problem' in clusterNetwork) return clusterNetwork
  const nodePortRange = parsePortRange(options.serviceNodePortRange)
  if ('problem' in nodePortRange) return nodePortRange
  const balancerPool = parseBalancerPool(options.loadBalancerIPRange)
  if ('problem' in balancerPool) return { problem: `--load-balancer-ip-range: ${balancerPool.problem}` }
  const loadBalancerDelayMillis = millisOf(options.loadBalancerDelay)
  if (loadBalancerDelayMillis === undefined) return { problem: durationProblem('--load-balancer-delay', options.loadBalancerDelay) }
  const compactionMillis = millisOf(options.etcdCompactionInterval)
  if (compactionMillis === undefined) return { problem: durationProblem('--etcd-compaction-interval', options.etcdCompactionInterval) }
  const { serviceClusterIPRange: _range, loadBalancerDelay: _delay, etcdCompactionInterval: _interval, clusterCIDR: _network, ...rest } = options
  const { nodeCIDRMaskSize: _size, nodeCIDRMaskSizeIPv4: _sizeIPv4, nodeCIDRMaskSizeIPv6: _sizeIPv6, ...same } = rest
  return {
    settings: {
      ...same,
      ...clusterNetwork.network,
      controllers: enabledControllers(options.controllers, known.controllers),
      serviceClusterIPRanges: clusterIPRanges.ranges,
      serviceNodePortRange: nodePortRange.range,
      loadBalancerDelayMillis,
      historyMillisMax: compactionMillis === 0 ? Number.POSITIVE_INFINITY : compactionMillis,
    },
  }
}

function withDefaults(given: Partial<ServerOptions>): ServerOptions {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...defaultServerOptions, ...present }
}

/** Later mentions do not win over earlier ones, and a name wins over `*`. Upstream: controller-manager/app/helper.go IsControllerEnabled */
export function enabledControllers(selection: readonly string[], known: readonly string[]): string[] {
  const all = selection.includes('*')
  return known.filter((name) => {
    const mention = selection.find((each) => each === name || each === `-${name}`)
    return mention ? mention === name : all
  })
}

const bareName = (mention: string) => mention.replace(/^-/, '')
const isNotStar = (name: string) => name !== '*'

function addressProblem({ bindAddress }: ServerOptions): string | undefined {
  return isIP(bindAddress) ? undefined : `--bind-address: ${show(bindAddress)} is no IP address: give one such as 127.0.0.1, or 0.0.0.0 for all interfaces`
}

function portProblem({ securePort, insecurePort, grpcPort }: ServerOptions): string | undefined {
  const ports = [
    ['--secure-port', securePort],
    ['--insecure-port', insecurePort],
    ['--grpc-port', grpcPort],
  ] as const
  for (const [flag, port] of ports) {
    if (port !== 'off' && !isWholeNumber(port, 0, 65535)) return `${flag}: ${show(port)} is no port: give 0 to 65535 (0 takes any free one), or off`
  }
  if (securePort === 'off' && insecurePort === 'off') return '--secure-port and --insecure-port are both off: leave one of them on'
  for (const [index, [flag, port]] of ports.entries()) {
    const other = port === 0 || port === 'off' ? undefined : ports.slice(index + 1).find(([, taken]) => taken === port)
    if (other) return `${flag} and ${other[0]} are both ${port}: choose two ports, or off for one`
  }
  return undefined
}

function authorizationProblem({ authorizationMode }: ServerOptions): string | undefined {
  if (authorizationMode === 'AlwaysAllow') return undefined
  const mended = 'use AlwaysAllow, the only mode there is so far'
  const isKnown = authorizationMode.split(',').every((mode) => ['RBAC', 'Node', 'ABAC', 'Webhook', 'AlwaysDeny', 'AlwaysAllow'].includes(mode))
  return `--authorization-mode: ${show(authorizationMode)} ${isKnown ? 'is not supported yet' : 'is unknown'}: ${mended}`
}

const millisOf = (duration: string) => (duration === '0' ? 0 : parseDuration(duration))
const durationProblem = (flag: string, value: unknown) => `${flag}: ${show(value)} is no duration: give one such as 500ms, 2s or 1m`

function wholeNumberProblem(flag: string, value: unknown, least: number, most: number): string | undefined {
  return isWholeNumber(value, least, most) ? undefined : `${flag}: ${show(value)} is out of range: give a whole number from ${least} to ${most}`
}

function isWholeNumber(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function nameProblem(flag: string, names: readonly string[], known: readonly string[], noun: string): string | undefined {
  const unknown = names.find((name) => !known.includes(name))
  return unknown === undefined ? undefined : `${flag}: there is no ${noun} ${show(unknown)}: known are ${known.join(', ')}`
}

/** A flag whose shell variable was empty must not mean the working directory. */
function emptyTextProblem(options: ServerOptions): string | undefined {
  const paths = { '--data': options.data, '--kubeconfig': options.kubeconfig, '--cert-dir': options.certDir, '--token-auth-file': options.tokenAuthFile }
  const empty = Object.entries(paths).find(([, path]) => path === '')
  if (empty) return `${empty[0]} is empty: give a path, or leave the flag out`
  return options.manifests.includes('') ? '--manifests has an empty path: give files or folders, or leave the flag out' : undefined
}

const show = (value: unknown) => JSON.stringify(value) ?? String(value)
