// Services, nodes and pods as a person at kubectl sees them, on a cluster of two families.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { hasTools, kubectlFor, type Run } from '../support/tools.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-services-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe.skipIf(!hasTools)('kubectl', () => {
  let server: Kubedouble
  let kubectl: Run & { home: string }

  beforeAll(async () => {
    server = await startKubedouble({
      certDir: join(scratch, 'certificates'),
      kubeconfig: join(scratch, 'kubeconfig'),
      seed: 'services',
      serviceClusterIPRange: '10.96.0.0/16,fd00:10:96::/112',
    })
    kubectl = kubectlFor(server.kubeconfig)
  }, 60_000)
  afterAll(() => server.close())

  /** What kubectl prints when all is well, then all at rest. */
  async function run(line: string): Promise<string> {
    const { stdout, stderr, code } = await kubectl(...line.split(' '))
    expect(code, `kubectl ${line}: ${stderr}`).toBe(0)
    await server.settled()
    return stdout
  }

  /** @returns the warnings */
  async function apply(name: string, object: object): Promise<string[]> {
    const path = join(scratch, `${name}.json`)
    writeFileSync(path, JSON.stringify(object))
    const { stderr, code } = await kubectl('create', '--filename', path)
    expect(code, stderr).toBe(0)
    await server.settled()
    return stderr
      .split('\n')
      .filter((line) => line.startsWith('Warning: '))
      .map((line) => line.slice('Warning: '.length))
  }

  const service = (name: string, spec: object, metadata = {}) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, ...metadata }, spec })

  /** Lines of `describe`, with one space in place of many; given out numbers are told by their form. */
  async function described(what: string): Promise<string[]> {
    const text = await run(`describe ${what}`)
    const plain = text
      .replace(/10\.96\.\d+\.\d+/g, '<IPv4>')
      .replace(/fd00:10:96::[0-9a-f]+/g, '<IPv6>')
      .replace(/\b3[0-2]\d{3}\b/g, '<port>')
    return plain
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' '))
      .map((line) => (line.startsWith('Endpoints: ') ? `Endpoints: ${line.slice(11).split(',').sort().join()}` : line))
      .filter(Boolean)
  }

  beforeAll(async () => {
    await run('run web-1 --image nginx --labels app=web --port 8080')
    await run('wait --for=condition=Ready pod/web-1')
  })

  it('describes a Service inside the cluster', async () => {
    await run('create service clusterip web --tcp 80:8080')
    expect(await described('service web')).toEqual([
      'Name: web',
      'Namespace: default',
      'Labels: app=web',
      'Annotations: <none>',
      'Selector: app=web',
      'Type: ClusterIP',
      'IP Family Policy: SingleStack',
      'IP Families: IPv4',
      'IP: <IPv4>',
      'IPs: <IPv4>',
      'Port: 80-8080 80/TCP',
      'TargetPort: 8080/TCP',
      'Endpoints: 10.244.0.2:8080',
      'Session Affinity: None',
      'Internal Traffic Policy: Cluster',
      'Events: <none>',
    ])
  })

  it('describes a Service on every node', async () => {
    expect(
      await apply('nodes', service('nodes', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }], ipFamilyPolicy: 'PreferDualStack' })),
    ).toEqual([])
    expect(await described('service nodes')).toEqual([
      'Name: nodes',
      'Namespace: default',
      'Labels: <none>',
      'Annotations: <none>',
      'Selector: app=web',
      'Type: NodePort',
      'IP Family Policy: PreferDualStack',
      'IP Families: IPv4,IPv6',
      'IP: <IPv4>',
      'IPs: <IPv4>,<IPv6>',
      'Port: <unset> 80/TCP',
      'TargetPort: 80/TCP',
      'NodePort: <unset> <port>/TCP',
      'Endpoints: 10.244.0.2:80,[fd00:10:244::2]:80',
      'Session Affinity: None',
      'External Traffic Policy: Cluster',
      'Internal Traffic Policy: Cluster',
      'Events: <none>',
    ])
  })

  it('describes a Service with a load balancer, and all that may be said of one', async () => {
    const spec = {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      sessionAffinity: 'ClientIP',
      externalTrafficPolicy: 'Local',
      internalTrafficPolicy: 'Local',
      trafficDistribution: 'PreferClose',
      loadBalancerSourceRanges: ['10.0.0.0/8'],
      externalIPs: ['80.11.12.10'],
      publishNotReadyAddresses: true,
      ports: [
        { name: 'web', port: 80, targetPort: 8080, appProtocol: 'kubernetes.io/ws' },
        { name: 'quic', port: 80, targetPort: 8081, protocol: 'UDP' },
      ],
    }
    const warnings = await apply('edge', service('edge', spec, { labels: { tier: 'edge' }, annotations: { team: 'blue' } }))
    expect(warnings).toEqual(['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'])
    expect(await described('service edge')).toEqual([
      'Name: edge',
      'Namespace: default',
      'Labels: tier=edge',
      'Annotations: team: blue',
      'Selector: app=web',
      'Type: LoadBalancer',
      'IP Family Policy: SingleStack',
      'IP Families: IPv4',
      'IP: <IPv4>',
      'IPs: <IPv4>',
      'External IPs: 80.11.12.10',
      'LoadBalancer Ingress: 198.18.0.1 (VIP)',
      'Port: web 80/TCP',
      'TargetPort: 8080/TCP',
      'NodePort: web <port>/TCP',
      'Endpoints: 10.244.0.2:8080',
      'Port: quic 80/UDP',
      'TargetPort: 8081/UDP',
      'NodePort: quic <port>/UDP',
      'Endpoints: 10.244.0.2:8081',
      'Session Affinity: ClientIP',
      'External Traffic Policy: Local',
      'Internal Traffic Policy: Local',
      'HealthCheck NodePort: <port>',
      'LoadBalancer Source Ranges: 10.0.0.0/8',
      'Traffic Distribution: PreferClose',
      'Events:',
      'Type Reason Age From Message',
      '---- ------ ---- ---- -------',
      expect.stringMatching(/^Normal EnsuringLoadBalancer \S+ service-controller Ensuring load balancer$/),
      expect.stringMatching(/^Normal EnsuredLoadBalancer \S+ service-controller Ensured load balancer$/),
    ])
  })

  it('describes a name for something elsewhere', async () => {
    const warnings = await apply('shop', service('shop', { type: 'ExternalName', externalName: 'shop.example.com', externalIPs: ['192.0.2.7'] }))
    expect(warnings).toEqual(['spec.externalIPs is ignored when spec.type is "ExternalName"'])
    expect(await described('service shop')).toEqual([
      'Name: shop',
      'Namespace: default',
      'Labels: <none>',
      'Annotations: <none>',
      'Selector: <none>',
      'Type: ExternalName',
      'IP Families: <none>',
      'IP:',
      'IPs: <none>',
      'External IPs: 192.0.2.7',
      'External Name: shop.example.com',
      'Session Affinity: None',
      'Events: <none>',
    ])
  })

  it('describes a Service without an address, and is warned of what it ignores', async () => {
    const spec = {
      clusterIP: 'None',
      selector: { app: 'web' },
      ports: [{ port: 80 }],
      loadBalancerIP: '192.0.2.1',
      externalIPs: ['192.0.2.2'],
      sessionAffinity: 'ClientIP',
      externalName: 'x',
    }
    expect(await apply('bare', service('bare', spec, { annotations: { 'service.kubernetes.io/topology-aware-hints': 'disabled' } }))).toEqual([
      'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
      'spec.loadBalancerIP is ignored for headless services',
      'spec.externalIPs is ignored for headless services',
      'spec.SessionAffinity is ignored for headless services',
      'spec.externalName is ignored when spec.type is not "ExternalName"',
    ])
    const lines = await described('service bare')
    expect(lines).toEqual(expect.arrayContaining(['IP: None', 'IPs: None', 'Desired LoadBalancer IP: 192.0.2.1', 'Endpoints: 10.244.0.2:80']))
  })

  it('sees the Service of the API come back', async () => {
    const before = await run('get service kubernetes --output jsonpath={.metadata.uid},{.spec.clusterIP}')
    await run('delete service kubernetes')
    const after = await run('get service kubernetes --output jsonpath={.metadata.uid},{.spec.clusterIP}')
    expect(after.split(',')[0]).not.toBe(before.split(',')[0])
    expect(after.split(',')[1]).toBe('10.96.0.1')
    expect(await run('get endpointslices kubernetes --output jsonpath={.endpoints[0].addresses[0]}')).toBe('127.0.0.1')
    expect(await run('get endpoints kubernetes --output jsonpath={.subsets[0].addresses[0].ip}')).toBe('127.0.0.1')
  })

  it('makes a node, tells its story, and lets it go', async () => {
    await apply('mine', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'mine', annotations: { 'kubedouble.dev/simulated': 'true' } } })
    expect(await run('get nodes mine')).toMatch(/^mine\s+Ready\s+<none>\s+\S+\s+v1\.35\.4$/m)
    const lines = await described('node mine')
    expect(lines.filter((line) => /^(Taints|Unschedulable|HolderIdentity|Kubelet Version|PodCIDR|Hostname|pods):/.test(line))).toEqual([
      'Taints: <none>',
      'Unschedulable: false',
      'HolderIdentity: mine',
      'Hostname: mine',
      'pods: 110',
      'pods: 110',
      'Kubelet Version: v1.35.4',
      'PodCIDR: 10.244.3.0/24',
    ])
    expect(lines.at(-1)).toMatch(/^Normal RegisteredNode \S+ node-controller Node mine event: Registered Node mine in Controller$/)
    await run('delete node mine')
    expect((await kubectl('get', 'lease', '--namespace', 'kube-node-lease', 'mine')).code).toBe(1)
    expect(await run('events')).toMatch(/RemovingNode\s+Node\/mine\s+Node mine event: Removing Node mine from Controller/)
  })

  it('cordons, drains and taints', async () => {
    const node = await run('get pod web-1 --output jsonpath={.spec.nodeName}')
    await run(`cordon ${node}`)
    expect(await run('get nodes')).toMatch(new RegExp(`^${node}\\s+Ready,SchedulingDisabled`, 'm'))
    expect(await run(`describe node ${node}`)).toMatch(/Taints:\s+node\.kubernetes\.io\/unschedulable:NoSchedule/)
    expect(await run(`drain ${node} --force`)).toContain(`node/${node} drained`)
    expect(await run('get pods')).toBe('')
    await run(`uncordon ${node}`)
    await run('run web-2 --image nginx --labels app=web')
    const other = await run('get pod web-2 --output jsonpath={.spec.nodeName}')
    await run(`taint node ${other} gone=true:NoExecute`)
    expect(await run('get pods')).toBe('')
    await run(`taint node ${other} gone-`)
  })

  it('gives an account a token that lasts', async () => {
    await run('create serviceaccount till')
    const metadata = { name: 'till-token', annotations: { 'kubernetes.io/service-account.name': 'till' } }
    await apply('till', { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/service-account-token' })
    expect(await run('describe secret till-token')).toMatch(/ca\.crt:\s+\d+ bytes[\s\S]*namespace:\s+7 bytes[\s\S]*token:\s+eyJ/)
    const token = Buffer.from(await run('get secret till-token --output jsonpath={.data.token}'), 'base64').toString()
    const whoAmI = async () => {
      const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const reply = await fetch(`${server.http}/apis/authentication.k8s.io/v1/selfsubjectreviews`, { method: 'POST', headers, body })
      return ((await reply.json()) as { status: { userInfo?: { username: string } } }).status.userInfo?.username
    }
    expect(await whoAmI()).toBe('system:serviceaccount:default:till')
    await run('delete secret till-token')
    expect(await whoAmI()).toBeUndefined()
  })
})
