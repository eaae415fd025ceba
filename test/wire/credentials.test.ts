// Who somebody is, from outside and from inside of a cluster: certificates, tokens, acting as others, several contexts of
// one kubeconfig, and what a pod finds mounted.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  AuthenticationV1Api,
  CoordinationV1Api,
  CoreV1Api,
  EventsV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import { hasTools, kubectlFor, type Run, toolPath } from '../support/tools.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-credentials-'))
let server: Kubedouble
beforeAll(async () => {
  server = await startKubedouble({ nodes: 0, kubeconfig: join(scratch, 'admin') })
})
afterAll(async () => {
  await server?.close()
  rmSync(scratch, { recursive: true })
})

function adminConfig(): KubeConfig {
  const config = new KubeConfig()
  config.loadFromFile(server.kubeconfig)
  return config
}

/** Who the API takes this client for. */
async function selfOf(config: KubeConfig) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const { status } = await config.makeApiClient(AuthenticationV1Api).createSelfSubjectReview({ body })
  return status?.userInfo
}

describe.skipIf(!hasTools)('inside of a cluster', () => {
  const account = join(scratch, 'var', 'run', 'secrets', 'kubernetes.io', 'serviceaccount')
  const script = join(import.meta.dirname, '..', '..', 'examples', 'in-cluster', 'mount.sh')

  async function mount(name: string): Promise<void> {
    const env = { PATH: `${dirname(toolPath('kubectl'))}:${process.env.PATH}`, HOME: scratch, KUBECONFIG: server.kubeconfig }
    const printed = await new Promise<string>((resolve, reject) =>
      execFile('bash', [script, account, name], { env }, (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout))),
    )
    for (const [, variable, value] of printed.matchAll(/^export (\w+)=(.*)$/gm)) process.env[variable] = value
  }

  afterAll(() => {
    for (const variable of ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']) delete process.env[variable]
  })

  it('a program finds the API, and is its service account', async () => {
    await mount('default')
    const config = new KubeConfig()
    config.loadFromCluster(scratch)
    expect(config.getContextObject(config.currentContext)?.namespace).toBe('default')
    expect(readFileSync(join(account, 'ca.crt'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
    expect(await selfOf(config)).toMatchObject({
      username: 'system:serviceaccount:default:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    const core = config.makeApiClient(CoreV1Api)
    await core.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name: 'from-inside' } } })
    expect((await core.readNamespacedConfigMap({ namespace: 'default', name: 'from-inside' })).metadata?.uid).toBeDefined()
  })

  it('a program is nobody any longer when its account is gone', async () => {
    const core = adminConfig().makeApiClient(CoreV1Api)
    await core.createNamespacedServiceAccount({ namespace: 'default', body: { metadata: { name: 'passing' } } })
    await mount('passing')
    const config = new KubeConfig()
    config.loadFromCluster(scratch)
    expect((await selfOf(config))?.username).toBe('system:serviceaccount:default:passing')
    await core.deleteNamespacedServiceAccount({ namespace: 'default', name: 'passing' })
    await expect(selfOf(config)).rejects.toMatchObject({ code: 401 })
  })
})

describe.skipIf(!hasTools)('several contexts of one kubeconfig', () => {
  let kubectl: Run & { home: string }
  beforeAll(() => {
    const path = join(scratch, 'several')
    copyFileSync(server.kubeconfig, path)
    kubectl = kubectlFor(path)
  })
  afterAll(() => rmSync(kubectl.home, { recursive: true }))

  async function run(...words: string[]): Promise<string> {
    const { stdout, stderr, code } = await kubectl(...words)
    expect(code, stderr).toBe(0)
    return stdout.trim()
  }
  const whoAmI = (...words: string[]) => run('auth', 'whoami', '--output', 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}', ...words)

  it('are different people in one cluster', async () => {
    await run('create', 'serviceaccount', 'builder')
    await run('config', 'set-credentials', 'builder', '--token', await run('create', 'token', 'builder'))
    await run('config', 'set-context', 'building', '--cluster', 'kubedouble', '--user', 'builder', '--namespace', 'kube-system')
    await run('config', 'set-credentials', 'stranger', '--token', 'nonsense')
    await run('config', 'set-context', 'strange', '--cluster', 'kubedouble', '--user', 'stranger')
    await run('config', 'set-cluster', 'plain', '--server', server.http as string)
    await run('config', 'set-context', 'plain', '--cluster', 'plain')
    expect(await whoAmI()).toBe('kubernetes-admin ["system:masters","system:authenticated"]')
    expect(await whoAmI('--context', 'building')).toMatch(/^system:serviceaccount:default:builder \["system:serviceaccounts","system:serviceaccounts:default"/)
    expect(await whoAmI('--context', 'plain')).toBe('kubernetes-admin ["system:masters","system:authenticated"]')
    expect((await kubectl('--context', 'strange', 'get', 'pods')).stderr).toContain('You must be logged in to the server')
    await run('--context', 'building', 'create', 'configmap', 'built')
    expect(await run('--context', 'kubedouble', '--namespace', 'kube-system', 'get', 'configmap', 'built', '--output', 'name')).toBe('configmap/built')
  })

  it('let each act as somebody else', async () => {
    expect(await whoAmI('--as', 'jane', '--as-group', 'readers', '--as-group', 'writers')).toBe('jane ["readers","writers","system:authenticated"]')
    expect(await whoAmI('--as', 'system:serviceaccount:kube-system:default')).toMatch(
      /^system:serviceaccount:kube-system:default \["system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"\]$/,
    )
    expect(await whoAmI('--as', 'system:anonymous')).toBe('system:anonymous ["system:unauthenticated"]')
    const uid = await run('auth', 'whoami', '--as', 'jane', '--as-uid', '7', '--output', 'jsonpath={.status.userInfo.uid}')
    expect(uid).toBe('7')
    const ask = (headers: Record<string, string>) =>
      fetch(`${server.http}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      })
    const extra = await ask({ 'Impersonate-User': 'jane', 'Impersonate-Extra-Scopes%2fDeep': 'view', 'Impersonate-Extra-Reason': 'test' })
    expect(((await extra.json()) as Plain).status.userInfo.extra).toEqual({ 'scopes/deep': ['view'], reason: ['test'] })
    const refused = await ask({ 'Impersonate-Group': 'readers' })
    expect([refused.status, ((await refused.json()) as Plain).message]).toEqual([400, 'requested [{Group  readers    }] without impersonating a user'])
  })
})

it('the keys of tokens are found with and without a slash at the end, as the OpenAPI documents have them', async () => {
  for (const path of ['/openid/v1/jwks', '/.well-known/openid-configuration']) {
    const [bare, ended] = await Promise.all(['', '/'].map(async (end) => (await fetch(`${server.http}${path}${end}`)).json()))
    expect(ended).toEqual(bare)
    expect(bare).toHaveProperty(path.includes('jwks') ? 'keys' : 'issuer')
  }
})

describe('a Lease', () => {
  it('has one holder at a time, and passes to another when it is not renewed', async () => {
    const leases = adminConfig().makeApiClient(CoordinationV1Api)
    const place = { namespace: 'default', name: 'leader' }
    const claim = (holderIdentity: string, leaseTransitions = 0) => ({
      holderIdentity,
      leaseTransitions,
      leaseDurationSeconds: 1,
      renewTime: new V1MicroTime(),
    })
    const mine = await leases.createNamespacedLease({ namespace: 'default', body: { metadata: { name: 'leader' }, spec: claim('one') } })
    await expect(leases.createNamespacedLease({ namespace: 'default', body: { metadata: { name: 'leader' }, spec: claim('two') } })).rejects.toMatchObject({
      code: 409,
    })
    const seen = await leases.readNamespacedLease(place)
    expect(seen.spec?.holderIdentity).toBe('one')
    const renewed = await leases.replaceNamespacedLease({ ...place, body: { ...mine, spec: claim('one') } })
    expect(Number(renewed.metadata?.resourceVersion)).toBeGreaterThan(Number(mine.metadata?.resourceVersion))
    // Who has not seen the renewal may not take over.
    await expect(leases.replaceNamespacedLease({ ...place, body: { ...seen, spec: claim('two', 1) } })).rejects.toMatchObject({ code: 409 })
    const taken = await leases.replaceNamespacedLease({ ...place, body: { ...renewed, spec: claim('two', 1) } })
    expect(taken.spec).toMatchObject({ holderIdentity: 'two', leaseTransitions: 1 })
    await expect(leases.replaceNamespacedLease({ ...place, body: { ...renewed, spec: claim('one', 1) } })).rejects.toMatchObject({ code: 409 })
  })
})

describe('an event of the newer API', () => {
  it('becomes a series by a patch, as recorders make it, and the older API shows the same', async () => {
    const config = adminConfig()
    const events = config.makeApiClient(EventsV1Api)
    const time = new V1MicroTime('2026-11-26T04:00:00.123Z')
    const body = {
      metadata: { name: 'web.1', namespace: 'default' },
      eventTime: time,
      action: 'Pulling',
      reason: 'BackOff',
      type: 'Warning',
      note: 'again',
      reportingController: 'example.com/recorder',
      reportingInstance: 'recorder-1',
      regarding: { kind: 'Pod', namespace: 'default', name: 'web' },
    }
    await events.createNamespacedEvent({ namespace: 'default', body })
    for (const count of [2, 3]) {
      const patched = await events.patchNamespacedEvent(
        { namespace: 'default', name: 'web.1', body: { series: { count, lastObservedTime: '2026-11-26T04:01:00.000001Z' } } },
        setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
      )
      expect(patched.series?.count).toBe(count)
    }
    const [older] = (await config.makeApiClient(CoreV1Api).listNamespacedEvent({ namespace: 'default', fieldSelector: 'reason=BackOff' })).items
    expect(older).toMatchObject({ message: 'again', series: { count: 3 }, reportingComponent: 'example.com/recorder', involvedObject: { name: 'web' } })
  })
})
