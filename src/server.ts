// Options in, running server out. The only file that knows every room.
import { readFileSync } from 'node:fs'
import { admissionPluginNames } from './admission/index.js'
import { type Certificates, type Environment, isLoopback, openCertificates, ServiceAccountTokens, serverNames } from './certificates/index.js'
import { type Cluster, openCluster } from './cluster/index.js'
import { ConnectionBudget, openFilesMax } from './connection-budget.js'
import { controllerNames } from './controllers/index.js'
import { type Caller, GrpcListener, Serving } from './grpc/index.js'
import { createApp } from './http/app.js'
import { type AuthenticateToken, authenticate, authenticateTokenWith, type PeerSocket, trustedUser } from './http/authentication.js'
import { alwaysAllow } from './http/authorization.js'
import { readPatch } from './http/body/request-body.js'
import { addDiscoveryRoutes } from './http/discovery-routes.js'
import { serverChecks } from './http/health.js'
import { identification } from './http/identification.js'
import { impersonate } from './http/impersonation.js'
import { Metrics, type UnderWay } from './http/metrics.js'
import { addOpenAPIRoutes, type OpenAPIDocuments } from './http/openapi-routes.js'
import { originCheck } from './http/origin-check.js'
import { addPlainRoutes } from './http/plain-routes.js'
import { authenticateServiceAccounts } from './http/service-account-authentication.js'
import { parseTokenFile } from './http/token-file.js'
import type { OpenWatches } from './http/watch-routes.js'
import { requireOwnKubeconfig, writeKubeconfig } from './kubeconfig.js'
import type { Logger } from './logger.js'
import { type Clock, type Status, status, type UserInfo } from './machinery/index.js'
import { applyManifest, readManifests } from './manifests.js'
import { schema } from './resources/index.js'
import { type ServerOptions, type ServerSettings, validateServerOptions } from './server-options.js'
import { listenProblem, StartProblem } from './start-problem.js'

export interface ServerSurroundings {
  logger: Logger
  environment: Environment
  /** Time for the cluster; the machine's own when absent. */
  clock?: Clock
}

export interface RunningServer {
  /** `https://127.0.0.1:6443`; absent when the port is off. */
  readonly https?: string
  /** `http://127.0.0.1:8080`; absent when the port is off. */
  readonly http?: string
  /** `127.0.0.1:50051`; absent when the port is off. */
  readonly grpc?: string
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  /** PEM of the authority that signed the server certificate. */
  readonly ca: string
  readonly data: string
  /** How many nodes are simulated. */
  readonly nodes: number
  readonly cluster: Cluster
  /** Ends watches and connections, then closes the log. */
  close(): Promise<void>
}

const issuer = 'https://kubernetes.default.svc.cluster.local'

/** @throws {StartProblem} and other errors that `isStartProblem` knows: a person can mend them */
export async function startServer(given: Partial<ServerOptions>, surroundings: ServerSurroundings): Promise<RunningServer> {
  const checked = validateServerOptions(given, { controllers: controllerNames, admissionPlugins: admissionPluginNames })
  if ('problem' in checked) throw new StartProblem(checked.problem)
  const { settings } = checked
  const names = serverNames({ bindAddress: settings.bindAddress, serviceAddresses: settings.serviceClusterIPRanges.map(({ firstAddress }) => firstAddress) })
  const users = settings.tokenAuthFile === undefined ? new Map<string, UserInfo>() : readTokenFile(settings.tokenAuthFile)
  const manifests = await readManifests(settings.manifests)
  if (settings.kubeconfig !== undefined) requireOwnKubeconfig(settings.kubeconfig)
  const certificates = await openCertificates({ folder: settings.certDir, serverNames: names, environment: surroundings.environment })
  const server = new Server(settings, surroundings, { certificates, users, names })
  try {
    await server.listen()
    const isNew = server.cluster.realm.store.revision === 0
    server.begin()
    for (const manifest of manifests) {
      applyManifest(server.cluster.realm, manifest, trustedUser)
      await server.cluster.manager.settled()
    }
    await (isNew ? server.cluster.manager.settled() : within(againMillisMax, server.cluster.manager.settled()))
    return server
  } catch (error) {
    await server.close()
    throw error
  }
}

// What a file holds may be very much: it can be asked for while controllers still go through it.
const againMillisMax = 300

function within(millis: number, done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis)
    done.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

function readTokenFile(path: string): Map<string, UserInfo> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new StartProblem(`--token-auth-file: ${path} cannot be read (${(error as Error).message}): name a CSV file of tokens`)
  }
  const parsed = parseTokenFile(text)
  if ('problem' in parsed) throw new StartProblem(`--token-auth-file: ${path}: ${parsed.problem}`)
  return parsed.users
}

interface Identity {
  certificates: Certificates
  users: ReadonlyMap<string, UserInfo>
  /** Names and addresses under which the server may be called. */
  names: readonly string[]
}

type App = ReturnType<typeof createApp>

class Server implements RunningServer {
  https?: string
  http?: string
  grpc?: string
  kubeconfig = ''
  readonly cluster: Cluster
  readonly #settings: ServerSettings
  readonly #logger: Logger
  readonly #identity: Identity
  readonly #tokens: ServiceAccountTokens
  readonly #authenticateToken: AuthenticateToken
  readonly #metrics: Metrics
  readonly #openWatches: OpenWatches = { streams: new Set(), onEvent: ({ definition }) => this.#metrics.countWatchEvent(definition) }
  readonly #apps: App[] = []
  readonly #serving = new Serving()
  readonly #connections: ConnectionBudget
  #grpcListener?: GrpcListener
  #state: 'starting' | 'running' | 'ending' | 'closed' = 'starting'
  #removeKubeconfig = () => {}
  #openAPI?: Promise<OpenAPIDocuments>

  constructor(settings: ServerSettings, { logger, clock }: ServerSurroundings, identity: Identity) {
    this.#settings = settings
    this.#logger = logger
    this.#identity = identity
    this.#connections = new ConnectionBudget(openFilesMax(), logger)
    this.#tokens = new ServiceAccountTokens(identity.certificates.serviceAccountKey, issuer)
    this.#authenticateToken = authenticateTokenWith(identity.users, this.#authenticateAccounts(), issuer)
    this.cluster = openCluster({
      data: settings.data,
      historyMillisMax: settings.historyMillisMax,
      seed: settings.seed,
      clock,
      admission: { ...settings, disabledPlugins: settings.disableAdmissionPlugins },
      controllers: {
        maxEndpointsPerSlice: settings.maxEndpointsPerSlice,
        clusterCA: identity.certificates.ca,
        clusterCIDRs: settings.clusterCIDRs,
        nodeMaskSizes: settings.nodeMaskSizes,
        serviceCIDRs: settings.serviceClusterIPRanges.map(({ cidr }) => cidr),
        loadBalancerIPRange: settings.loadBalancerIPRange,
        loadBalancerDelayMillis: settings.loadBalancerDelayMillis,
      },
      enabledControllers: settings.controllers,
      issueToken: (claims) => this.#tokens.issue(claims),
      issuer,
      authenticate: (token, audiences) => this.#authenticateToken(token, audiences),
      authorize: alwaysAllow,
      logger,
    })
    const { catalogue, store } = this.cluster.realm
    this.#metrics = new Metrics({
      isServed(apiVersion, resource, subresource) {
        const definition = catalogue.find(apiVersion, resource)
        return definition !== undefined && (!subresource || definition.subresources?.some(({ name }) => name === subresource) === true)
      },
      storedObjects: () =>
        catalogue
          .definitions()
          .filter((each) => each.storedAs === each)
          .map(({ plural, group, key }) => [group ? `${plural}.${group}` : plural, store.count(key)] as const),
    })
  }

  get ca(): string {
    return this.#identity.certificates.ca
  }

  get data(): string {
    return this.#settings.data
  }

  get nodes(): number {
    return this.#settings.nodes
  }

  async listen(): Promise<void> {
    const { securePort, insecurePort, grpcPort } = this.#settings
    if (securePort !== 'off') this.https = await this.#open('https', '--secure-port', securePort)
    if (insecurePort !== 'off') this.http = await this.#open('http', '--insecure-port', insecurePort)
    const server = this.https ?? (this.http as string)
    const isPassing = (this.https ? securePort : insecurePort) === 0
    const kubeconfig = writeKubeconfig({ server, path: this.#settings.kubeconfig, certificates: this.#identity.certificates, isPassing })
    this.kubeconfig = kubeconfig.path
    this.#removeKubeconfig = kubeconfig.close
    if (grpcPort !== 'off') this.grpc = await this.#openGrpc(grpcPort)
    if (this.http && !isLoopback(this.#settings.bindAddress)) {
      this.#logger.warn(`everybody who reaches ${this.http} is the administrator: turn plain HTTP off with --insecure-port off, or bind to 127.0.0.1`)
    }
  }

  begin(): void {
    const { bindAddress, serviceClusterIPRanges: ranges, nodes } = this.#settings
    this.cluster.begin({
      serviceClusterIPRanges: ranges.map(({ cidr }) => cidr),
      kubernetesServiceIP: ranges[0].firstAddress,
      advertiseAddress: advertised(bindAddress),
      securePort: Number(new URL(this.https ?? (this.http as string)).port || 443),
      clientCA: this.#identity.certificates.ca,
      nodes,
    })
    this.#state = 'running'
    this.#serving.set(true)
  }

  async close(): Promise<void> {
    if (this.#state === 'ending' || this.#state === 'closed') return
    this.#state = 'ending'
    this.#serving.set(false)
    for (const stream of this.#openWatches.streams) stream.close()
    await Promise.all([...this.#apps.map((app) => app.close()), this.#grpcListener?.close()])
    this.#state = 'closed'
    this.cluster.close()
    this.#removeKubeconfig()
  }

  async #open(scheme: 'http' | 'https', flag: string, port: number): Promise<string> {
    const host = this.#settings.bindAddress
    const app = this.#createApp(scheme)
    this.#apps.push(app)
    try {
      await app.listen({ host, port })
    } catch (error) {
      throw listenProblem(error, flag, host, port)
    }
    const { port: opened } = app.server.address() as { port: number }
    return `${scheme}://${hostAndPort(host, opened)}`
  }

  async #openGrpc(port: number): Promise<string> {
    const { bindAddress: host, grpcTLS } = this.#settings
    const { certificates } = this.#identity
    const { realm } = this.cluster
    const isTrusted = !grpcTLS
    this.#grpcListener = new GrpcListener({
      realm,
      schema,
      shapeOf,
      readPatch,
      logger: this.#logger,
      serving: this.#serving,
      limitConnections: (server) => this.#connections.limit(server),
      identify: (caller) => this.#identifyCaller(caller, isTrusted),
      onEvent: ({ definition }) => this.#metrics.countWatchEvent(definition),
      ...(grpcTLS ? { tls: { ...certificates.server, ca: certificates.ca } } : {}),
    })
    let opened: number
    try {
      opened = await this.#grpcListener.listen(host, port)
    } catch (error) {
      throw listenProblem(error, '--grpc-port', host, port)
    }
    if (isTrusted && !isLoopback(host)) {
      this.#logger.warn(
        `everybody who reaches gRPC port ${opened} is the administrator: give --grpc-tls, turn it off with --grpc-port off, or bind to 127.0.0.1`,
      )
    }
    return hostAndPort(host, opened)
  }

  #identifyCaller({ headers, rawHeaders, socket }: Caller, isTrusted: boolean): UserInfo | Status {
    const peer = isTrusted ? {} : { socket: socket() as unknown as PeerSocket | undefined }
    const user = authenticate({ headers, ...peer, isTrusted }, this.#authenticateToken)
    return user === 'unauthorized' ? status.unauthorized() : impersonate(user, rawHeaders)
  }

  #createApp(scheme: 'http' | 'https'): App {
    const { certificates, names } = this.#identity
    const { realm } = this.cluster
    const tls = { ...certificates.server, ca: certificates.ca }
    return createApp({
      realm,
      shapeOf,
      logger: this.#logger,
      ...(scheme === 'https' ? { tls } : {}),
      identify: identification({
        checkOrigin: originCheck({ isLoopback: isLoopback(this.#settings.bindAddress), hostNames: names }),
        authenticateToken: this.#authenticateToken,
      }),
      openWatches: this.#openWatches,
      track: (request, response) => this.#isTooMany(this.#metrics.track(request, response)),
      limitConnections: (server) => this.#connections.limit(server),
      addRoutes: (app) => {
        addDiscoveryRoutes(app, { catalogue: realm.catalogue, shapeOf })
        addOpenAPIRoutes(app, { shapeOf, documents: () => this.#documents(), now: realm.now })
        addPlainRoutes(app, {
          shapeOf,
          checks: serverChecks({
            isStoring: () => this.#state !== 'closed',
            hasStarted: () => this.#state !== 'starting',
            isEnding: () => this.#state === 'ending',
          }),
          metrics: this.#metrics,
          groupVersions: () => [...new Set(realm.catalogue.definitions().map(({ apiVersion }) => apiVersion))],
          tokenKeys: () => this.#tokens.keySet(),
          openIDConfiguration: () => this.#tokens.configuration(this.https ?? (this.http as string)),
        })
      },
    })
  }

  #isTooMany(underWay: UnderWay | undefined): boolean {
    if (!underWay) return false
    const { maxRequestsInflight, maxMutatingRequestsInflight } = this.#settings
    const most = underWay.kind === 'mutating' ? maxMutatingRequestsInflight : maxRequestsInflight
    return most > 0 && underWay.count > most
  }

  /** Loaded with the first request for them. */
  #documents(): Promise<OpenAPIDocuments> {
    const { realm } = this.cluster
    this.#openAPI ??= import('./openapi.js').then(({ openAPIDocuments }) => openAPIDocuments({ catalogue: realm.catalogue, schema, now: realm.now }))
    return this.#openAPI
  }

  #authenticateAccounts(): AuthenticateToken {
    return authenticateServiceAccounts({
      verifyToken: (token) => this.#tokens.verify(token),
      find: (resource, key) => this.cluster.realm.store.get(`v1/${resource}`, key)?.object,
      issuer,
      now: () => this.cluster.realm.now(),
    })
  }
}

/** What pods would be told; a wildcard is no address. */
function advertised(bindAddress: string): string {
  return bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress === '::' ? '::1' : bindAddress
}

function hostAndPort(bindAddress: string, port: number): string {
  const name = advertised(bindAddress)
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** Types that many groups know (options, Status, Table) stand in `meta.k8s.io`. */
function shapeOf(apiVersion: string, kind: string) {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return schema.find({ group, version, kind }) ?? schema.find({ group: 'meta.k8s.io', version: 'v1', kind })
}
