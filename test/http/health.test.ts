import { expect, it } from 'vitest'
import { type HealthCheck, type HealthEndpoint, healthAnswer, serverChecks } from '../../src/http/health.js'

const checks: HealthCheck[] = [
  { name: 'ping', problem: () => undefined },
  { name: 'etcd', problem: () => 'it is gone' },
  { name: 'shutdown', endpoints: ['readyz'], problem: () => undefined },
]
const good = checks.filter(({ name }) => name !== 'etcd')

it.each<[string, HealthCheck[], HealthEndpoint, string, string, object | undefined]>([
  ['well', good, 'livez', '', '', { code: 200, text: 'ok' }],
  ['well, as a list', good, 'readyz', 'verbose', '', { code: 200, text: '[+]ping ok\n[+]shutdown ok\nreadyz check passed\n' }],
  ['well, as the list of another endpoint', good, 'healthz', 'verbose=1', '', { code: 200, text: '[+]ping ok\nhealthz check passed\n' }],
  ['ill is always a list', checks, 'livez', '', '', { code: 500, text: '[+]ping ok\n[-]etcd failed: reason withheld\nlivez check failed\n' }],
  ['what is ill can be excluded', checks, 'livez', 'verbose&exclude=etcd', '', { code: 200, text: '[+]ping ok\n[+]etcd excluded: ok\nlivez check passed\n' }],
  [
    'what cannot be excluded is told',
    good,
    'livez',
    'verbose&exclude=b&exclude=a',
    '',
    { code: 200, text: '[+]ping ok\nwarn: some health checks cannot be excluded: no matches for "a", "b"\nlivez check passed\n' },
  ],
  ['one check', checks, 'livez', '', 'ping', { code: 200, text: 'ok' }],
  ['one check that fails', checks, 'livez', '', 'etcd', { code: 500, text: 'internal server error: it is gone\n' }],
  ['no such check', checks, 'livez', '', 'nonsense', undefined],
  ['a check of another endpoint', checks, 'livez', '', 'shutdown', undefined],
])('%s', (_name, given, endpoint, query, name, answer) => {
  expect(healthAnswer(given, endpoint, new URLSearchParams(query), name)).toEqual(answer)
})

it('a server that ends is alive and not ready', () => {
  const ending = serverChecks({ isStoring: () => true, hasStarted: () => true, isEnding: () => true })
  expect(healthAnswer(ending, 'livez', new URLSearchParams())?.code).toBe(200)
  expect(healthAnswer(ending, 'readyz', new URLSearchParams())?.code).toBe(500)
})
