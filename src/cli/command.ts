// The command line: arguments in, what is to be done out.
import { Command, CommanderError, Option } from 'commander'
import { clusterCIDRDefault } from '../cluster-network.js'
import { defaultServerOptions, logLevels, type ServerOptions } from '../server-options.js'

export type Output = 'text' | 'json'

export type Request =
  | { kind: 'serve'; options: Partial<ServerOptions>; output: Output }
  /** Help or the version: print it and be done. */
  | { kind: 'print'; text: string }
  | { kind: 'problem'; text: string }

/** @param argv without the program and its script */
export function parseCommandLine(argv: readonly string[], version: string): Request {
  let request: Request = { kind: 'problem', text: 'nothing to do' }
  let printed = ''
  const program = new Command('kubedouble')
    .description('A test double of the Kubernetes control plane: one small process that answers the Kubernetes 1.35 API.')
    .version(version)
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {}, outputError: () => {} })
    .exitOverride()
  const serve = program
    .command('serve', { isDefault: true })
    .description('serve one cluster until a signal ends it (the default command)')
    .version(version)
    .allowExcessArguments(false)
    .action((flags: Flags) => {
      request = serveRequest(flags)
    })
  for (const option of options()) serve.addOption(option)
  program.addHelpText('after', () => `\n${serve.helpInformation()}`)
  try {
    program.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    request = error.exitCode === 0 ? { kind: 'print', text: printed } : { kind: 'problem', text: problemText(error) }
  }
  return request
}

function problemText({ code, message }: CommanderError): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ')
  const hint = 'see kubedouble --help'
  return code === 'commander.excessArguments' ? `there is no such command or argument: the only command is serve (${hint})` : `${text} (${hint})`
}

interface Flags {
  bindAddress?: string
  securePort?: number | 'off'
  insecurePort?: number | 'off'
  grpcPort?: number | 'off'
  grpcTls?: boolean
  data?: string
  kubeconfig?: string
  certDir?: string
  tokenAuthFile?: string
  authorizationMode?: string
  nodes?: number
  controllers?: string[]
  disableAdmissionPlugins?: string[]
  clusterCidr?: string
  nodeCidrMaskSize?: number
  nodeCidrMaskSizeIpv4?: number
  nodeCidrMaskSizeIpv6?: number
  serviceClusterIpRange?: string
  serviceNodePortRange?: string
  maxEndpointsPerSlice?: number
  loadBalancerIpRange?: string
  loadBalancerDelay?: string
  etcdCompactionInterval?: string
  maxRequestsInflight?: number
  maxMutatingRequestsInflight?: number
  seed?: string
  manifests?: string[]
  output: Output
  logLevel?: string
  v?: string | true
}

function serveRequest(given: Flags): Request {
  const {
    clusterCidr: clusterCIDR,
    nodeCidrMaskSize: nodeCIDRMaskSize,
    nodeCidrMaskSizeIpv4: nodeCIDRMaskSizeIPv4,
    nodeCidrMaskSizeIpv6: nodeCIDRMaskSizeIPv6,
    serviceClusterIpRange: serviceClusterIPRange,
    loadBalancerIpRange: loadBalancerIPRange,
    grpcTls: grpcTLS,
    output,
    v,
    logLevel,
    ...flags
  } = given
  const level = logLevel ?? (v === undefined ? undefined : levelOf(v))
  const podNetwork = { clusterCIDR, nodeCIDRMaskSize, nodeCIDRMaskSizeIPv4, nodeCIDRMaskSizeIPv6 }
  return { kind: 'serve', options: { ...flags, ...podNetwork, grpcTLS, serviceClusterIPRange, loadBalancerIPRange, logLevel: level }, output }
}

/** `-v` alone, `-v debug`, and the numbers of Kubernetes' own `-v`. */
function levelOf(v: string | true): string {
  if (v === true) return 'debug'
  const text = v.replace(/^=/, '')
  const verbosity = /^\d+$/.test(text) ? Number(text) : undefined
  if (verbosity === undefined) return text
  return verbosity >= 6 ? 'trace' : verbosity >= 4 ? 'debug' : 'info'
}

function options(): Option[] {
  const {
    bindAddress,
    securePort,
    insecurePort,
    grpcPort,
    data,
    authorizationMode,
    nodes,
    serviceClusterIPRange,
    serviceNodePortRange,
    maxEndpointsPerSlice,
    loadBalancerIPRange,
    loadBalancerDelay,
    etcdCompactionInterval,
    maxRequestsInflight,
    maxMutatingRequestsInflight,
    logLevel,
  } = defaultServerOptions
  const option = (flags: string, text: string, fallback?: unknown) => new Option(flags, fallback === undefined ? text : `${text} (default: ${fallback})`)
  return [
    option('--bind-address <ip>', 'listen address of every port', bindAddress),
    option('--secure-port <port>', 'HTTPS port; 0 takes any free port, off none', securePort).argParser(readPort),
    option('--insecure-port <port>', 'plain HTTP port, no credentials needed; 0 takes any free port, off none', insecurePort).argParser(readPort),
    option('--grpc-port <port>', 'gRPC port, in plaintext without credentials; 0 takes any free port, off none', grpcPort).argParser(readPort),
    option('--grpc-tls', 'gRPC with the certificates and users of HTTPS'),
    option('--data <file>', 'SQLite file that keeps the state, created if absent; :memory: forgets at exit', data),
    option('--kubeconfig <file>', 'where the kubeconfig of the administrator is written', 'a file of its own, which is printed'),
    option('--cert-dir <folder>', 'where the certificates are made once and kept', 'a cache of this user'),
    option('--token-auth-file <file>', 'CSV file of static tokens: token,user,uid,"group1,group2"'),
    option('--authorization-mode <mode>', 'AlwaysAllow is the only one so far', authorizationMode),
    option('--nodes <count>', 'how many nodes are simulated', nodes).argParser(readNumber),
    option('--controllers <list>', 'controllers to run: * for all, foo for one, -foo for all but one', '*').argParser(readList),
    option('--disable-admission-plugins <list>', 'admission plugins to leave out').argParser(readList),
    option('--cluster-cidr <range>', 'network of pods, or one of each family with a comma between', clusterCIDRDefault),
    option('--node-cidr-mask-size <bits>', 'how much of the network of pods a node gets', 24).argParser(readNumber),
    option('--node-cidr-mask-size-ipv4 <bits>', 'the same for the IPv4 network of two', 24).argParser(readNumber),
    option('--node-cidr-mask-size-ipv6 <bits>', 'the same for the IPv6 network of two', 64).argParser(readNumber),
    option('--service-cluster-ip-range <range>', 'network of cluster IPs, or one of each family with a comma between', serviceClusterIPRange),
    option('--service-node-port-range <range>', 'ports of NodePort services', serviceNodePortRange),
    option('--max-endpoints-per-slice <count>', '1 to 1000', maxEndpointsPerSlice).argParser(readNumber),
    option('--load-balancer-ip-range <range>', 'network of load balancers, or one of each family with a comma between', loadBalancerIPRange),
    option('--load-balancer-delay <duration>', 'how long a load balancer takes to make', loadBalancerDelay),
    option('--etcd-compaction-interval <duration>', 'how long watches can resume from what has happened; 0 for as long as it fits', etcdCompactionInterval),
    option('--max-requests-inflight <count>', 'how many requests that read may be under way at once; 0 for any number', maxRequestsInflight).argParser(
      readNumber,
    ),
    option('--max-mutating-requests-inflight <count>', 'the same for those that write', maxMutatingRequestsInflight).argParser(readNumber),
    option('--seed <text>', 'makes uids, generated names, addresses and ports repeat from run to run'),
    option('-f, --manifests <path...>', 'files or folders of YAML applied at start'),
    new Option('--output <form>', 'what is printed when the server is ready (default: text)').choices(['text', 'json']).default('text', ''),
    option('--log-level <level>', `what is logged on stderr: ${logLevels.join(', ')}`, logLevel),
    option('-v, --v [level]', 'more logging: debug, or the level that is given'),
  ]
}

const readNumber = (text: string): number => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : (text as never))
const readPort = (text: string): number | 'off' => (text === 'off' ? text : readNumber(text))
const readList = (text: string, before: string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== ''),
]
