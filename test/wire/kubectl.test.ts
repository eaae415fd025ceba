// The real kubectl, of this version and of an older one, against a real port.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { hasTools, kubectlFor, type Minor, type Run, toolPath } from '../support/tools.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-kubectl-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe.skipIf(!hasTools).each(['1.35', '1.32'] as Minor[])('kubectl %s', (minor) => {
  let server: Kubedouble
  let kubectl: Run & { home: string }
  /** Fails with what kubectl says; answers what it prints. */
  const run = async (line: string, extra: string[] = []) => {
    const { stdout, stderr, code } = await kubectl(...line.split(' '), ...extra)
    expect(code, `kubectl ${line}: ${stderr}`).toBe(0)
    return stdout
  }
  const file = (name: string, text: string) => {
    const path = join(scratch, `${minor}-${name}`)
    writeFileSync(path, text)
    return path
  }

  beforeAll(async () => {
    server = await startKubedouble({ certDir: join(scratch, 'certificates'), kubeconfig: join(scratch, `kubeconfig-${minor}`) })
    kubectl = kubectlFor(server.kubeconfig, minor)
  }, 60_000)
  afterAll(() => server.close())

  it('sees the nodes ready', async () => {
    const nodes = await run('get nodes')
    expect(nodes.match(/^node-\d\s+Ready\s/gm)).toHaveLength(3)
    expect(await run('describe node node-0')).toMatch(/Ready\s+True/)
  })

  it('runs a pod and exposes it', async () => {
    expect(await run('run web-1 --image nginx --labels app=web')).toBe('pod/web-1 created\n')
    await run('wait --for=condition=Ready pod/web-1 --timeout=10s')
    expect(await run('get pod web-1 -o wide')).toMatch(/web-1\s+1\/1\s+Running\s+0\s+\S+\s+10\.244\.\d+\.\d+\s+node-\d/)
    expect(await run('expose pod web-1 --port 80')).toBe('service/web-1 exposed\n')
    await server.settled()
    const listed = await run('get svc,endpoints,endpointslices -o wide')
    expect(listed).toMatch(/service\/web-1\s+ClusterIP\s+10\.96\.\d+\.\d+\s+<none>\s+80\/TCP\s+\S+\s+app=web/)
    expect(listed).toMatch(/endpoints\/web-1\s+10\.244\.\d+\.\d+:80/)
    expect(listed).toMatch(/endpointslice\.discovery\.k8s\.io\/web-1-\w{5}\s+IPv4\s+80\s+10\.244\.\d+\.\d+/)
    const described = await run('describe service web-1')
    expect(described).toMatch(/Selector:\s+app=web/)
    expect(described).toMatch(/Endpoints:\s+10\.244\.\d+\.\d+:80/)
    expect(await run('describe pod web-1')).toMatch(/Normal\s+Scheduled[\s\S]*Normal\s+Started/)
    expect(await run('events')).toMatch(/Scheduled/)
    expect(await run('get all')).toContain('pod/web-1')
  })

  it('creates, labels, annotates, patches and replaces', async () => {
    await run('create configmap one --from-literal=a=1')
    await run('label configmap one tier=x')
    await run('annotate configmap one note=y')
    await run('patch configmap one --type merge -p', ['{"data":{"b":"2"}}'])
    await run('patch configmap one --type json -p', ['[{"op":"remove","path":"/data/a"}]'])
    const path = file('replaced.yaml', (await run('get configmap one -o yaml')).replace('b: "2"', 'b: "3"'))
    expect(await run(`replace -f ${path}`)).toBe('configmap/one replaced\n')
    expect(JSON.parse(await run('get configmap one -o json'))).toMatchObject({
      metadata: { labels: { tier: 'x' }, annotations: { note: 'y' } },
      data: { b: '3' },
    })
    expect(await run('delete configmap one')).toMatch(/^configmap "one" deleted/)
  })

  it('applies on both sides, shows a difference and edits', async () => {
    const manifest = (value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {value: "${value}"}\n`
    expect(await run(`apply -f ${file('one.yaml', manifest('1'))}`)).toBe('configmap/applied created\n')
    expect(await run(`apply -f ${file('one.yaml', manifest('1'))}`)).toBe('configmap/applied unchanged\n')
    const difference = await kubectl('diff', '-f', file('two.yaml', manifest('2')))
    expect(difference.code).toBe(1)
    expect(difference.stdout).toMatch(/-\s+value: "1"\n\+\s+value: "2"/)
    expect(await run(`apply -f ${file('two.yaml', manifest('2'))}`)).toBe('configmap/applied configured\n')
    expect(await run(`apply --server-side --force-conflicts -f ${file('three.yaml', manifest('3'))}`)).toBe('configmap/applied serverside-applied\n')
    const conflict = await kubectl('apply', '--server-side', '--field-manager', 'other', '-f', file('four.yaml', manifest('4')))
    expect(conflict.stderr).toContain('conflict with "kubectl": .data.value')
    const editor = file('editor.sh', '#!/bin/sh\nsed -i "s/value: .*/value: edited/" "$1"\n')
    const edited = await edit(server.kubeconfig, minor, editor, 'configmap/applied')
    expect(edited).toBe('configmap/applied edited\n')
    expect(await run('get configmap applied -o jsonpath={.data.value}')).toBe('edited')
  })

  it('watches what happens', async () => {
    const child = spawn(toolPath('kubectl', minor), ['get', 'configmaps', '--watch-only', '-o', 'name'], {
      env: { PATH: process.env.PATH, HOME: kubectl.home, KUBECONFIG: server.kubeconfig },
    })
    const seen = new Promise<string>((resolve) => child.stdout.on('data', (chunk) => String(chunk).includes('watched') && resolve(String(chunk))))
    // Nothing says when a watch has begun: objects are made until one is seen.
    let count = 0
    const timer = setInterval(() => void kubectl('create', 'configmap', `watched-${count++}`), 300)
    expect(await seen).toMatch(/^configmap\/watched-\d/m)
    clearInterval(timer)
    child.kill()
  })

  it('explains and lists what there is', async () => {
    expect(await run('explain service.spec')).toMatch(/KIND:\s+Service[\s\S]*clusterIP\s+<string>/)
    expect(await run('explain deployment.spec.replicas')).toMatch(/FIELD: replicas <integer>/)
    expect(await run('api-resources')).toMatch(/^services\s+svc\s+v1\s+true\s+Service$/m)
    expect((await run('api-versions')).split('\n')).toEqual(expect.arrayContaining(['v1', 'apps/v1', 'discovery.k8s.io/v1']))
    expect(JSON.parse(await run('get --raw /api/v1/namespaces/default')).metadata.name).toBe('default')
    expect(await run('version')).toMatch(/Server Version: v1\.35\./)
  })

  it('asks who may what, and makes tokens', async () => {
    expect(await run('auth can-i create pods')).toBe('yes\n')
    expect(await run('auth whoami')).toMatch(/Username\s+kubernetes-admin/)
    const token = (await run('create token default')).trim()
    const { stdout } = await kubectl('auth', 'whoami', '--token', token, '--kubeconfig', withoutUser(server), '-o', 'jsonpath={.status.userInfo.username}')
    expect(stdout).toBe('system:serviceaccount:default:default')
  })

  it('deletes a namespace with all that is in it', async () => {
    await run('create namespace x')
    await run('run web --image nginx -n x')
    await run('create service nodeport web --tcp 80 -n x')
    await run('wait --for=condition=Ready pod/web -n x --timeout=10s')
    expect(await run('delete namespace x')).toMatch(/^namespace "x" deleted/)
    expect(await run('get pods,services -n x -o name')).toBe('')
    expect((await kubectl('get', 'namespace', 'x')).stderr).toContain('Error from server (NotFound): namespaces "x" not found')
  })

  it('is told what is wrong in the words of the API', async () => {
    const { stderr, code } = await kubectl('create', 'service', 'clusterip', 'Bad_Name', '--tcp', '80')
    expect(code).toBe(1)
    expect(stderr).toContain('Service "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a DNS-1035 label must consist of')
  })
})

function withoutUser(server: Kubedouble): string {
  const path = join(scratch, 'bare')
  const cluster = `certificate-authority-data: ${Buffer.from(server.ca).toString('base64')}, server: "${server.https}"`
  writeFileSync(
    path,
    `apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {${cluster}}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\ncurrent-context: c\nusers: [{name: u, user: {}}]\n`,
  )
  return path
}

function edit(kubeconfig: string, minor: Minor, editor: string, object: string): Promise<string> {
  const home = mkdtempSync(join(scratch, 'home-'))
  const child = spawn(toolPath('kubectl', minor), ['edit', object], {
    env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig, KUBE_EDITOR: `sh ${editor}` },
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((resolve) => child.once('close', () => resolve(text)))
}
