// Cluster: a log, its current Snapshot, its controllers, its clock and its source of randomness. One process may hold many.
import { type AdmissionOptions, admissionSteps } from '../admission/index.js'
import { type ControllerOptions, controllersOf, podNetworkOf } from '../controllers/index.js'
import type { Clock, KubeObject, ReviewContext } from '../machinery/index.js'
import { Manager, type ManagerLogger } from '../manager/index.js'
import { Catalogue, type Realm, type Seed, sow } from '../registry/index.js'
import { type BootstrapInputs, bootstrapObjects, builtInResources, defaultObject } from '../resources/index.js'
import { historyLimits, openStore, WatchHub } from '../storage/index.js'
import { systemClock } from './clock.js'
import { sowNodes } from './first-nodes.js'
import { randomSource } from './random.js'

export interface ClusterOptions {
  /** A SQLite file, created if absent, or `:memory:`. */
  data: string
  /** How long what has happened is kept. */
  historyMillisMax: number
  /** With it, everything random repeats from run to run. */
  seed?: string
  clock?: Clock
  admission: AdmissionOptions
  controllers: Omit<ControllerOptions, 'issueToken' | 'initialObjects'>
  /** Names of the controllers that run. */
  enabledControllers: readonly string[]
  /** Signs claims as a service account token. */
  issueToken(claims: Record<string, unknown>): string
  issuer: string
  authenticate: ReviewContext['authenticate']
  authorize: ReviewContext['authorize']
  logger: ManagerLogger
  /** Freeze stored objects deeply, so that a mistake shows at once. */
  freezes?: boolean
}

/** What the first moments need that is known only when the ports are open. */
export interface Birth extends Omit<BootstrapInputs, 'now'> {
  /** How many nodes are simulated. */
  nodes: number
}

export interface Cluster {
  readonly realm: Realm
  readonly manager: Manager
  /** Writes the initial objects that are not there yet and sets the controllers going. */
  begin(birth: Birth): void
  close(): void
}

/** @throws {DataFileError} */
export function openCluster(options: ClusterOptions): Cluster {
  const clock = options.clock ?? systemClock
  const now = () => clock.now()
  const store = openStore({
    path: options.data,
    now,
    freezes: options.freezes,
    historyLimits: { ...historyLimits, ageMillisMax: options.historyMillisMax },
  })
  const hub = new WatchHub(store)
  const realm: Realm = {
    store,
    hub,
    catalogue: new Catalogue(builtInResources),
    // A file that is opened again must not give out the same uids again.
    randomFor: randomSource(options.seed === undefined || store.revision === 0 ? options.seed : `${options.seed} from ${store.revision}`),
    now,
    admission: admissionSteps(options.admission),
    fillDefaults: defaultObject,
    issueToken: options.issueToken,
    issuer: options.issuer,
    authenticate: options.authenticate,
    authorize: options.authorize,
  }
  let seeds: readonly Seed[] = []
  const controllers = controllersOf({ ...options.controllers, issueToken: options.issueToken, initialObjects: () => seeds }).filter(({ name }) =>
    options.enabledControllers.includes(name),
  )
  const manager = new Manager({ realm, controllers, clock, logger: options.logger })
  return {
    realm,
    manager,
    begin(birth) {
      const { nodes, ...inputs } = birth
      seeds = seedsOf({ ...inputs, now: clock.now() })
      store.batch(() => {
        sow(realm, seeds)
        sowNodes(realm, { count: nodes, network: podNetworkOf(options.controllers), areReporting: options.enabledControllers.includes('kubelet') })
      })
      manager.start()
    },
    close() {
      manager.stop()
      hub.close()
      store.close()
    },
  }
}

function seedsOf(inputs: BootstrapInputs): Seed[] {
  return bootstrapObjects(inputs).map((write) => ({ ...write, isRenewed: isOfThisRun(write.object) }))
}

// Where the API listens and who signs its clients may differ from run to run.
const renewed = new Set(['Endpoints/kubernetes', 'EndpointSlice/kubernetes', 'ConfigMap/extension-apiserver-authentication'])
const isOfThisRun = ({ kind, metadata }: KubeObject) => renewed.has(`${kind}/${metadata.name}`)
