import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { Metrics } from '../../src/http/metrics.js'

const sources = {
  isServed: (apiVersion: string, resource: string, subresource: string) => apiVersion === 'v1' && resource === 'pods' && ['', 'status'].includes(subresource),
  storedObjects: () => [['pods', 7]] as const,
}

/** Begins a request. @returns its end */
function ask(metrics: Metrics, method: string, url: string, headers: Record<string, string> = {}): (code: number) => void {
  const response = Object.assign(new EventEmitter(), { statusCode: 0 })
  metrics.track({ method, url, headers } as unknown as IncomingMessage, response as unknown as ServerResponse)
  return (code) => {
    response.statusCode = code
    response.emit('close')
  }
}

it('requests are counted under the labels of kube-apiserver', async () => {
  const metrics = new Metrics(sources)
  ask(metrics, 'GET', '/api/v1/namespaces/default/pods?limit=5')(200)
  ask(metrics, 'GET', '/api/v1/namespaces/default/pods')(200)
  ask(metrics, 'PATCH', '/api/v1/namespaces/default/pods/web/status?dryRun=All', { 'content-type': 'application/apply-patch+yaml' })(409)
  ask(metrics, 'GET', '/healthz')(200)
  const { text, contentType } = await metrics.print()
  expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/)
  expect(text).toContain(
    'apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="namespace",subresource="",verb="LIST",version="v1"} 2\n',
  )
  expect(text).toContain(
    'apiserver_request_total{code="409",component="apiserver",dry_run="All",group="",resource="pods",scope="resource",subresource="status",verb="APPLY",version="v1"} 1\n',
  )
  expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{.*resource="pods",.*verb="LIST",.*le="\+Inf"\} 2\n/)
  expect(text).toMatch(/apiserver_request_duration_seconds_count\{.*resource="pods",.*verb="LIST",.*\} 2\n/)
  expect(text).toContain('# TYPE apiserver_request_duration_seconds histogram')
  expect(text).toContain('apiserver_storage_objects{resource="pods"} 7\n')
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
})

it('what is under way shows, and ends', async () => {
  const metrics = new Metrics(sources)
  const end = ask(metrics, 'POST', '/api/v1/namespaces/default/pods')
  const endWatch = ask(metrics, 'GET', '/api/v1/pods?watch=1')
  metrics.countWatchEvent({ group: '', version: 'v1', plural: 'pods' })
  const before = (await metrics.print()).text
  expect(before).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 1\n')
  expect(before).toContain(
    'apiserver_longrunning_requests{component="apiserver",group="",resource="pods",scope="cluster",subresource="",verb="WATCH",version="v1"} 1\n',
  )
  expect(before).toContain('apiserver_watch_events_total{group="",version="v1",resource="pods"} 1\n')
  end(201)
  endWatch(200)
  const after = (await metrics.print()).text
  expect(after).toContain('apiserver_current_inflight_requests{request_kind="mutating"} 0\n')
  expect(after).toMatch(/apiserver_longrunning_requests\{.*\} 0\n/)
})

it('clients cannot make up series without end', () => {
  const metrics = new Metrics(sources)
  for (let count = 0; count < 20_000; count++) ask(metrics, 'GET', `/api/v1/nonsense${count}/x${count}`)(404)
  const word = (count: number) => [...String(count)].map((digit) => 'abcdefghij'[Number(digit)]).join('')
  for (let count = 0; count < 20_000; count++) ask(metrics, 'GET', `/api/v1/namespaces/a/pods/b/${word(count)}`)(404)
  expect(metrics.families()[0].values.length).toBe(1)
})

it('series end where nobody can print them in time', () => {
  const metrics = new Metrics({ ...sources, isServed: () => true })
  for (let count = 0; count < 20_000; count++) ask(metrics, 'GET', `/apis/g${count}/v1/x`)(200)
  expect(metrics.families()[0].values.length).toBe(5000)
})
