// What the server counts of itself, under kube-apiserver's names. Counting is cheap and own; the library that prints is loaded
// when somebody asks for the first time.
// Upstream: apiserver/pkg/endpoints/metrics/metrics.go
import type { IncomingMessage, ServerResponse } from 'node:http'
import { processMetrics } from './process-metrics.js'
import { type RequestInfo, requestInfo } from './request-info.js'

/** One family as the library prints it. */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  values: { labels: Record<string, string>; value: number; metricName?: string }[]
}

export interface MetricsSources {
  /** Whether there is such a resource, and such a part of it: what is not there gets no labels of its own. */
  isServed(apiVersion: string, resource: string, subresource: string): boolean
  /** Stored objects by `plural` or `plural.group`. */
  storedObjects(): Iterable<readonly [resource: string, count: number]>
}

interface Series {
  labels: Record<string, string>
  /** Answers by code. */
  codes: Map<number, number>
  /** Finished requests by bucket; the last one is for all above. */
  buckets: number[]
  seconds: number
  open: number
}

export interface UnderWay {
  kind: 'mutating' | 'readOnly'
  count: number
}

interface WatchCounter {
  labels: Record<string, string>
  value: number
}

interface Watched {
  group: string
  version: string
  plural: string
}

const bucketBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const verbs: Record<string, string> = { create: 'POST', update: 'PUT' }
const otherMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

export class Metrics {
  readonly #sources: MetricsSources
  readonly #series = new Map<string, Series>()
  readonly #watchEvents = new Map<string, WatchCounter>()
  /** The same ones: events are many, definitions few. */
  readonly #watchCounters = new WeakMap<Watched, WatchCounter>()
  readonly #inFlight = { mutating: 0, readOnly: 0 }

  constructor(sources: MetricsSources) {
    this.#sources = sources
  }

  /** Counts a request from now until its answer is out. @returns of which kind it is, and how many of that kind are under way with it; nothing for a watch */
  track(request: IncomingMessage, response: ServerResponse): UnderWay | undefined {
    const startedAt = performance.now()
    const { series, isWatch } = this.#seriesOf(request)
    const kind = request.method === 'GET' || request.method === 'HEAD' ? 'readOnly' : 'mutating'
    if (isWatch) series.open++
    else this.#inFlight[kind]++
    response.once('close', () => {
      series.codes.set(response.statusCode, (series.codes.get(response.statusCode) ?? 0) + 1)
      if (isWatch) {
        series.open--
        return
      }
      this.#inFlight[kind]--
      const seconds = (performance.now() - startedAt) / 1000
      series.seconds += seconds
      series.buckets[bucketOf(seconds)]++
    })
    return isWatch ? undefined : { kind, count: this.#inFlight[kind] }
  }

  /** One event was sent to one watcher. */
  countWatchEvent(definition: Watched): void {
    let counter = this.#watchCounters.get(definition)
    if (!counter) {
      counter = this.#watchCounterOf(definition)
      this.#watchCounters.set(definition, counter)
    }
    counter.value++
  }

  #watchCounterOf({ group, version, plural }: Watched): WatchCounter {
    const key = `${group}/${version}/${plural}`
    const counter = this.#watchEvents.get(key) ?? { labels: { group, version, resource: plural }, value: 0 }
    this.#watchEvents.set(key, counter)
    return counter
  }

  #seriesOf({ method = 'GET', url = '/', headers }: IncomingMessage): { series: Series; isWatch: boolean } {
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const query = mark < 0 ? '' : url.slice(mark)
    const asked = requestInfo({ method, path, isWatch: /[?&]watch=(?:1|t|true|T|TRUE|True)(?:&|$)/.test(query) })
    const info = asked && this.#sources.isServed(asked.apiVersion, asked.resource, asked.subresource) ? asked : undefined
    const verb = verbLabel(info, method, headers['content-type'])
    const dryRun = /[?&]dryRun=All(?:&|$)/.test(query) ? 'All' : ''
    // A name is looked at for the scope only: names must not become series.
    const subresource = info?.subresource ?? ''
    const key = info ? `${verb} ${info.apiVersion}/${info.resource}/${subresource} ${scopeOf(info)} ${dryRun}` : verb
    return { series: this.#series.get(key) ?? this.#begin(key, verb, dryRun, subresource, info), isWatch: verb === 'WATCH' }
  }

  #begin(key: string, verb: string, dryRun: string, subresource: string, info: RequestInfo | undefined): Series {
    const { group = '', version = '', resource = '' } = info ?? {}
    const labels = { component: 'apiserver', dry_run: dryRun, group, resource, scope: info ? scopeOf(info) : '', subresource, verb, version }
    const series: Series = { labels, codes: new Map(), buckets: new Array(bucketBounds.length + 1).fill(0), seconds: 0, open: 0 }
    // More than there are kinds and verbs. What is printed is printed in one go.
    if (this.#series.size < seriesMax) this.#series.set(key, series)
    return series
  }

  /** The families as they are now. */
  families(): Family[] {
    const all = [...this.#series.values()]
    const { mutating, readOnly } = this.#inFlight
    return [
      { name: 'apiserver_request_total', help: 'Answered requests.', type: 'counter', values: all.flatMap(countsOf) },
      {
        name: 'apiserver_request_duration_seconds',
        help: 'How long answers took; watches are not counted.',
        type: 'histogram',
        values: all.flatMap(durationsOf),
      },
      { name: 'apiserver_longrunning_requests', help: 'Open watches.', type: 'gauge', values: all.filter(isWatching).map(openOf) },
      {
        name: 'apiserver_current_inflight_requests',
        help: 'Requests without an answer yet; watches are not counted.',
        type: 'gauge',
        values: [
          { labels: { request_kind: 'mutating' }, value: mutating },
          { labels: { request_kind: 'readOnly' }, value: readOnly },
        ],
      },
      { name: 'apiserver_watch_events_total', help: 'Events sent to watchers.', type: 'counter', values: [...this.#watchEvents.values()] },
      {
        name: 'apiserver_storage_objects',
        help: 'Stored objects.',
        type: 'gauge',
        values: [...this.#sources.storedObjects()].map(([resource, value]) => ({ labels: { resource }, value })),
      },
      ...processMetrics(),
    ]
  }

  /** The text of /metrics. */
  async print(): Promise<{ contentType: string; text: string }> {
    const { Registry } = await import('prom-client')
    const registry = new Registry()
    for (const family of this.families()) registry.registerMetric({ name: family.name, get: async () => family } as never)
    return { contentType: registry.contentType, text: await registry.metrics() }
  }
}

const seriesMax = 5000

function bucketOf(seconds: number): number {
  let index = 0
  while (index < bucketBounds.length && seconds > bucketBounds[index]) index++
  return index
}

function verbLabel(info: RequestInfo | undefined, method: string, contentType: string | undefined): string {
  if (!info) return otherMethods.has(method) ? method : 'OTHER'
  if (info.verb === 'patch' && contentType?.startsWith('application/apply-patch+')) return 'APPLY'
  return verbs[info.verb] ?? info.verb.toUpperCase()
}

/** How much a request is about: one object, a namespace, everything. */
function scopeOf({ name, namespace, verb }: RequestInfo): string {
  return name || verb === 'create' ? 'resource' : namespace ? 'namespace' : 'cluster'
}

const isWatching = ({ labels }: Series) => labels.verb === 'WATCH'
const openOf = ({ labels: { dry_run: _dryRun, ...labels }, open }: Series) => ({ labels, value: open })
const countsOf = ({ labels, codes }: Series) => [...codes].map(([code, value]) => ({ labels: { code: String(code), ...labels }, value }))

function durationsOf(series: Series) {
  if (isWatching(series)) return []
  const name = 'apiserver_request_duration_seconds'
  const { labels, buckets, seconds } = series
  let count = 0
  const values = buckets.map((finished, index) => {
    count += finished
    const bound = index < bucketBounds.length ? String(bucketBounds[index]) : '+Inf'
    return { labels: { ...labels, le: bound }, value: count, metricName: `${name}_bucket` }
  })
  return [...values, { labels, value: seconds, metricName: `${name}_sum` }, { labels, value: count, metricName: `${name}_count` }]
}
