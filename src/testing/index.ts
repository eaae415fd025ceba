// The public SDK: a kubedouble in the process of a test.
import { createLogger } from '../logger.js'
import type { Clock } from '../machinery/index.js'
import { startServer } from '../server.js'
import type { ServerOptions } from '../server-options.js'

export type { ServerOptions } from '../server-options.js'
export { StartProblem } from '../start-problem.js'

/** The options of the command line, each with its default but for ports (any free one) and the log (warnings only). */
export interface KubedoubleOptions extends Partial<ServerOptions> {
  /** Time for the cluster; the machine's own when absent. */
  clock?: Clock
}

export interface Kubedouble {
  /** `https://127.0.0.1:41234`; absent when the port is off. */
  readonly https?: string
  /** `http://127.0.0.1:41235`, no credentials needed; absent when the port is off. */
  readonly http?: string
  /** `127.0.0.1:41236`, for gRPC clients; absent when the port is off. */
  readonly grpc?: string
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  /** PEM of the authority that signed the server certificate. */
  readonly ca: string
  readonly data: string
  readonly nodes: number
  /** Resolves when no controller has anything to do until something changes or time passes. */
  settled(): Promise<void>
  /** Ends watches and connections and closes the log. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Starts a cluster of its own: clusters of one process share nothing.
 * @throws {StartProblem} one line that says what is wrong and how to mend it
 */
export async function startKubedouble({ clock, ...options }: KubedoubleOptions = {}): Promise<Kubedouble> {
  const { logLevel = 'warn' } = options
  const logger = createLogger({ level: logLevel, isTerminal: false })
  const server = await startServer({ securePort: 0, insecurePort: 0, grpcPort: 0, ...options, logLevel }, { logger, environment: process.env, clock })
  const { https, http, grpc, kubeconfig, ca, data, nodes, cluster } = server
  return { https, http, grpc, kubeconfig, ca, data, nodes, settled: () => cluster.manager.settled(), close: () => server.close() }
}
