import { describe, expect, it } from 'vitest'
import { parseCommandLine, type Request } from '../../src/cli/command.js'
import { readyMessage } from '../../src/cli/ready-message.js'

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean), '1.2.3')
/** Options that were given. */
const given = (request: Request) => (request.kind === 'serve' ? JSON.parse(JSON.stringify(request.options)) : request)

it('serve is what happens without a command', () => {
  expect(parse('')).toMatchObject({ kind: 'serve', output: 'text' })
  expect(given(parse(''))).toEqual({})
  expect(parse('serve --output json')).toMatchObject({ kind: 'serve', output: 'json' })
  expect(parse('--output json')).toMatchObject({ kind: 'serve', output: 'json' })
})

it.each([
  ['--bind-address 0.0.0.0', { bindAddress: '0.0.0.0' }],
  ['--secure-port 0 --insecure-port off', { securePort: 0, insecurePort: 'off' }],
  ['--secure-port=7443', { securePort: 7443 }],
  ['--grpc-port 0 --grpc-tls', { grpcPort: 0, grpcTLS: true }],
  ['--grpc-port off', { grpcPort: 'off' }],
  ['--secure-port x', { securePort: 'x' }],
  ['--data state.db --kubeconfig k --cert-dir c --token-auth-file t', { data: 'state.db', kubeconfig: 'k', certDir: 'c', tokenAuthFile: 't' }],
  ['--authorization-mode RBAC', { authorizationMode: 'RBAC' }],
  ['--nodes 12 --max-endpoints-per-slice 5', { nodes: 12, maxEndpointsPerSlice: 5 }],
  ['--nodes -1', { nodes: -1 }],
  ['--nodes 1e3', { nodes: '1e3' }],
  ['--controllers *,-kubelet --controllers -foo', { controllers: ['*', '-kubelet', '-foo'] }],
  ['--disable-admission-plugins ServiceAccount', { disableAdmissionPlugins: ['ServiceAccount'] }],
  ['--service-cluster-ip-range fd00::/112 --service-node-port-range 1-2', { serviceClusterIPRange: 'fd00::/112', serviceNodePortRange: '1-2' }],
  ['--cluster-cidr 10.0.0.0/8 --node-cidr-mask-size 25', { clusterCIDR: '10.0.0.0/8', nodeCIDRMaskSize: 25 }],
  ['--node-cidr-mask-size-ipv4 25 --node-cidr-mask-size-ipv6 80', { nodeCIDRMaskSizeIPv4: 25, nodeCIDRMaskSizeIPv6: 80 }],
  ['--seed 7', { seed: '7' }],
  ['-f a b --nodes 1 -f c', { manifests: ['a', 'b', 'c'], nodes: 1 }],
  ['--manifests a', { manifests: ['a'] }],
  ['--log-level debug', { logLevel: 'debug' }],
  ['-v', { logLevel: 'debug' }],
  ['-v warn', { logLevel: 'warn' }],
  ['-v=2', { logLevel: 'info' }],
  ['-v 4', { logLevel: 'debug' }],
  ['-v9', { logLevel: 'trace' }],
  ['-v --log-level error', { logLevel: 'error' }],
])('%s', (line, options) => {
  expect(given(parse(line))).toEqual(options)
})

describe('a mistake is one line that tells the way out', () => {
  it.each([
    ['--nonsense', /^unknown option '--nonsense' \(see kubedouble --help\)$/],
    ['--node 3', /^unknown option '--node' \(Did you mean --nodes\?\) \(see kubedouble --help\)$/],
    ['nonsense', /^there is no such command or argument: the only command is serve \(see kubedouble --help\)$/],
    ['serve extra', /the only command is serve/],
    ['--data', /^option '--data <file>' argument missing/],
    ['--output xml', /^option '--output <form>' argument 'xml' is invalid\. Allowed choices are text, json\./],
  ])('%s', (line, text) => {
    expect(parse(line)).toEqual({ kind: 'problem', text: expect.stringMatching(text) })
  })
})

it.each(['--version', '-V', 'serve --version'])('%s prints the version', (line) => {
  expect(parse(line)).toEqual({ kind: 'print', text: '1.2.3\n' })
})

it.each(['--help', '-h', 'serve --help', 'help', 'help serve'])('%s shows every flag with its default', (line) => {
  const request = parse(line)
  expect(request).toMatchObject({ kind: 'print' })
  const { text } = request as { text: string }
  for (const flag of ['--bind-address', '--secure-port', '--max-endpoints-per-slice', '-f, --manifests', '--seed', '-v, --v']) expect(text).toContain(flag)
  expect(text.replaceAll(/\s+/g, ' ')).toContain('(default: 10.96.0.0/16)')
})

const ready = { https: 'https://127.0.0.1:6443', http: 'http://127.0.0.1:8080', kubeconfig: '/tmp/k', data: ':memory:', nodes: 3 }

it('machines get one line of JSON', () => {
  expect(readyMessage(ready, 'json', '1.2.3')).toBe(
    '{"https":"https://127.0.0.1:6443","http":"http://127.0.0.1:8080","grpc":null,"kubeconfig":"/tmp/k","data":":memory:","nodes":3}\n',
  )
  expect(JSON.parse(readyMessage({ ...ready, https: undefined }, 'json', '1.2.3'))).toMatchObject({ https: null })
})

it('people learn how to connect', () => {
  expect(readyMessage(ready, 'text', '1.2.3')).toContain('\n  export KUBECONFIG=/tmp/k\n')
  expect(readyMessage({ ...ready, kubeconfig: "/tmp/it's here" }, 'text', '1.2.3')).toContain("export KUBECONFIG='/tmp/it'\\''s here'")
})
