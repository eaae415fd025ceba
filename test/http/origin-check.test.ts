import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { originCheck } from '../../src/http/origin-check.js'

const onLoopback = originCheck({ isLoopback: true, hostNames: ['kubernetes', 'kubernetes.default.svc', 'Workstation'] })
const onAllInterfaces = originCheck({ isLoopback: false, hostNames: [] })

describe('a client that is no browser passes', () => {
  it.each<[string, IncomingHttpHeaders]>([
    ['curl', { host: 'localhost:8080', 'user-agent': 'curl/8.5.0' }],
    ['kubectl', { host: '127.0.0.1:6443', accept: 'application/json' }],
    ['client-go on HTTP/2', { ':authority': '127.0.0.1:6443' } as IncomingHttpHeaders],
    ['an IPv6 client', { host: '[::1]:6443' }],
    ['a client that names the service', { host: 'kubernetes.default.svc' }],
    ['a client that names the machine', { host: 'workstation:6443' }],
    ['a client with a closing dot', { host: 'localhost.:8080' }],
    ['a container on the machine', { host: 'host.docker.internal:8080' }],
    ['fabric8, which sends the server as Origin', { host: '127.0.0.1:6443', origin: 'https://127.0.0.1:6443', upgrade: 'websocket' }],
    ['fabric8 with the default port left out', { host: 'kubernetes.default.svc:443', origin: 'https://kubernetes.default.svc' }],
    ['fetch of Node', { host: 'localhost:8080', 'sec-fetch-mode': 'cors' }],
    ['a person with an address bar', { host: 'localhost:8080', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    ['a page the server itself serves', { host: 'localhost:8080', 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8080' }],
    ['a client of HTTP/1.0', {}],
  ])('%s', (_name, headers) => {
    expect(onLoopback(headers)).toBeUndefined()
  })
})

describe('a web page is refused', () => {
  it.each<[string, IncomingHttpHeaders]>([
    ['of another site', { host: 'localhost:8080', origin: 'https://evil.example' }],
    ['of another port of this machine', { host: 'localhost:8080', origin: 'http://localhost:3000' }],
    ['of another port of this machine, by site', { host: 'localhost:8080', 'sec-fetch-site': 'same-site' }],
    ['that embeds an image', { host: 'localhost:8080', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['in a sandbox', { host: 'localhost:8080', origin: 'null' }],
    ['from a file', { host: 'localhost:8080', origin: 'file://' }],
    ['with two origins', { host: 'localhost:8080', origin: 'http://localhost:8080, https://evil.example' }],
    ['whose name was bent to loopback', { host: 'evil.example:8080' }],
    ['whose name was bent to loopback, as its own origin', { host: 'evil.example:8080', origin: 'http://evil.example:8080', 'sec-fetch-site': 'same-origin' }],
    ['whose name only looks like ours', { host: 'localhost.evil.example' }],
    ['whose name only ends like ours', { host: 'evillocalhost' }],
    ['with a name before an at sign', { host: 'localhost@evil.example' }],
    ['with a malformed Host', { host: 'localhost:8080/evil.example' }],
    ['with an empty Host', { host: '' }],
    ['that opens a WebSocket', { host: '127.0.0.1:8080', origin: 'https://evil.example', upgrade: 'websocket' }],
    ['of an extension', { host: 'localhost:8080', origin: 'chrome-extension://abcdef' }],
  ])('%s', (_name, headers) => {
    expect(onLoopback(headers)).toMatchObject({ kind: 'Status', code: 403, reason: 'Forbidden' })
  })
})

it('any name may lead to a server on all interfaces', () => {
  expect(onAllInterfaces({ host: 'cluster.example:6443' })).toBeUndefined()
})

it('a foreign page is refused on all interfaces too', () => {
  expect(onAllInterfaces({ host: 'cluster.example:6443', origin: 'https://evil.example' })).toMatchObject({ code: 403 })
})
