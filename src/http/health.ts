// Is the server well: /healthz, /livez, /readyz, each as one word, as a list, or one check by its name.
// Upstream: apiserver/pkg/server/healthz/healthz.go

export type HealthEndpoint = 'healthz' | 'livez' | 'readyz'

export interface HealthCheck {
  name: string
  /** Absent: all of them. */
  endpoints?: readonly HealthEndpoint[]
  /** @returns what is wrong, or nothing */
  problem(): string | undefined
}

export interface HealthAnswer {
  code: number
  text: string
}

/**
 * @param name of one check, empty for all
 * @returns `undefined` when there is no such check
 */
export function healthAnswer(checks: readonly HealthCheck[], endpoint: HealthEndpoint, query: URLSearchParams, name = ''): HealthAnswer | undefined {
  const asked = checks.filter(({ endpoints }) => !endpoints || endpoints.includes(endpoint))
  return name ? answerOne(asked, name) : answerAll(asked, endpoint, query)
}

function answerOne(checks: readonly HealthCheck[], name: string): HealthAnswer | undefined {
  const check = checks.find((each) => each.name === name)
  if (!check) return undefined
  const problem = check.problem()
  return problem ? { code: 500, text: `internal server error: ${problem}\n` } : { code: 200, text: 'ok' }
}

function answerAll(checks: readonly HealthCheck[], endpoint: HealthEndpoint, query: URLSearchParams): HealthAnswer {
  const unmatched = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let isWell = true
  for (const { name, problem } of checks) {
    if (unmatched.delete(name)) lines.push(`[+]${name} excluded: ok`)
    else if (problem()) {
      lines.push(`[-]${name} failed: reason withheld`)
      isWell = false
    } else lines.push(`[+]${name} ok`)
  }
  if (unmatched.size) lines.push(`warn: some health checks cannot be excluded: no matches for ${formatNames(unmatched)}`)
  const list = lines.map((line) => `${line}\n`).join('')
  if (!isWell) return { code: 500, text: `${list}${endpoint} check failed\n` }
  return { code: 200, text: query.has('verbose') ? `${list}${endpoint} check passed\n` : 'ok' }
}

const formatNames = (names: ReadonlySet<string>) =>
  [...names]
    .sort()
    .map((name) => JSON.stringify(name))
    .join(', ')

/** The checks of a server, under the names that its users know. `etcd` is the log. */
export function serverChecks(state: { isStoring(): boolean; hasStarted(): boolean; isEnding(): boolean }): HealthCheck[] {
  const well = () => undefined
  const afterStart = () => (state.hasStarted() ? undefined : 'not finished')
  return [
    { name: 'ping', problem: well },
    { name: 'log', problem: well },
    { name: 'etcd', problem: () => (state.isStoring() ? undefined : 'the log is closed') },
    { name: 'etcd-readiness', endpoints: ['readyz'], problem: () => (state.isStoring() ? undefined : 'the log is closed') },
    { name: 'informer-sync', endpoints: ['readyz'], problem: afterStart },
    { name: 'poststarthook/bootstrap-controller', problem: afterStart },
    { name: 'shutdown', endpoints: ['readyz'], problem: () => (state.isEnding() ? 'process is shutting down' : undefined) },
  ]
}
