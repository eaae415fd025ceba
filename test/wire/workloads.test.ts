// What people do with workloads, through the real kubectl.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { hasTools, kubectlFor, type Run } from '../support/tools.js'

describe.skipIf(!hasTools)('kubectl and workloads', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-workloads-'))
  let server: Kubedouble
  let kubectl: Run & { home: string }
  /** Fails with what kubectl says; answers what it prints. */
  const run = async (line: string) => {
    const { stdout, stderr, code } = await kubectl(...line.split(' '))
    expect(code, `kubectl ${line}: ${stderr}`).toBe(0)
    return stdout
  }
  const file = (name: string, text: string) => {
    const path = join(scratch, `${name}.yaml`)
    writeFileSync(path, text)
    return path
  }
  const apply = (name: string, text: string) => run(`apply -f ${file(name, text)}`)

  beforeAll(async () => {
    server = await startKubedouble({ certDir: join(scratch, 'certificates'), kubeconfig: join(scratch, 'kubeconfig') })
    kubectl = kubectlFor(server.kubeconfig)
  }, 60_000)
  afterAll(async () => {
    await server.close()
    rmSync(scratch, { recursive: true })
  })

  it('rolls a Deployment out, forth and back', async () => {
    expect(await run('create deployment web --image nginx:1 --replicas 3')).toBe('deployment.apps/web created\n')
    expect(await run('rollout status deployment web --timeout 20s')).toContain('deployment "web" successfully rolled out')
    expect(await run('get deployment web')).toMatch(/^web\s+3\/3\s+3\s+3\s+/m)
    expect(await run('scale deployment web --replicas 5')).toBe('deployment.apps/web scaled\n')
    await run('wait --for=jsonpath={.status.availableReplicas}=5 deployment/web --timeout 20s')
    expect(await run('set image deployment/web nginx=nginx:2')).toBe('deployment.apps/web image updated\n')
    await run('rollout status deployment web --timeout 20s')
    expect(await run('rollout history deployment web')).toMatch(/REVISION {2}CHANGE-CAUSE\n1 +<none>\n2 +<none>/)
    expect(await run('rollout history deployment web --revision 2')).toMatch(/Image:\s+nginx:2/)
    expect(await run('rollout undo deployment web')).toBe('deployment.apps/web rolled back\n')
    await run('rollout status deployment web --timeout 20s')
    expect(await run('get deployment web -o jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1')
    expect(await run('rollout history deployment web')).toMatch(/\n2 +<none>\n3 +<none>/)
    expect(await run('rollout restart deployment web')).toBe('deployment.apps/web restarted\n')
    await run('rollout status deployment web --timeout 20s')
    const described = await run('describe deployment web')
    expect(described).toMatch(/Replicas:\s+5 desired \| 5 updated \| 5 total \| 5 available \| 0 unavailable/)
    expect(described).toMatch(/Progressing\s+True\s+NewReplicaSetAvailable/)
    expect(described).toMatch(/ScalingReplicaSet\s+\S+\s+deployment-controller\s+Scaled up replica set web-\w+ from 0 to 3/)
    expect(await run('delete deployment web')).toMatch(/^deployment\.apps "web" deleted/)
    await run('wait --for=delete pod -l app=web --timeout 20s')
    expect(await run('get replicasets,pods -o name')).toBe('')
  }, 60_000)

  it('keeps to a disruption budget while it drains a node', async () => {
    await run('create deployment safe --image nginx:1 --replicas 2')
    await run('rollout status deployment safe --timeout 20s')
    await run('create poddisruptionbudget safe --selector app=safe --min-available 2')
    await server.settled()
    expect(await run('get poddisruptionbudget safe')).toMatch(/^safe\s+2\s+N\/A\s+0\s+/m)
    const [pod, node] = (await run('get pods -l app=safe -o jsonpath={.items[0].metadata.name}/{.items[0].spec.nodeName}')).split('/')
    const eviction = file('eviction', JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod } }))
    const { stderr } = await kubectl('create', '--raw', `/api/v1/namespaces/default/pods/${pod}/eviction`, '-f', eviction)
    expect(stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.")
    await run('delete poddisruptionbudget safe')
    expect(await run(`drain ${node} --ignore-daemonsets --timeout 30s`)).toContain(`node/${node} drained`)
    await run(`uncordon ${node}`)
    await run('delete deployment safe')
  }, 60_000)

  it('updates a StatefulSet and a DaemonSet, and takes both back', async () => {
    const pods = 'selector: {matchLabels: {app: NAME}}, template: {metadata: {labels: {app: NAME}}, spec: {containers: [{name: c, image: "nginx:1"}]}}'
    const spec = (name: string) => pods.replaceAll('NAME', name)
    await apply('db', `{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {serviceName: db, replicas: 2, ${spec('db')}}}`)
    await apply('agent', `{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: agent}, spec: {${spec('agent')}}}`)
    for (const name of ['statefulset/db', 'daemonset/agent']) {
      await run(`rollout status ${name} --timeout 20s`)
      await run(`set image ${name} c=nginx:2`)
      await run(`rollout status ${name} --timeout 20s`)
      expect(await run(`rollout history ${name}`)).toMatch(/\n1 +<none>\n2 +<none>/)
      await run(`rollout undo ${name}`)
      await run(`rollout status ${name} --timeout 20s`)
      expect(await run(`get ${name} -o jsonpath={.spec.template.spec.containers[0].image}`)).toBe('nginx:1')
    }
    expect(await run('get statefulset db')).toMatch(/^db\s+2\/2\s+/m)
    expect(await run('get daemonset agent')).toMatch(/^agent\s+3\s+3\s+3\s+3\s+3\s+<none>/m)
    expect(await run('get pods -l app=db -o name')).toBe('pod/db-0\npod/db-1\n')
    await run('delete statefulset/db daemonset/agent')
    await run('wait --for=delete pod -l app=db --timeout 20s')
  }, 60_000)

  it('runs Jobs to their end, once or from a CronJob', async () => {
    expect(await run('create job once --image busybox -- true')).toBe('job.batch/once created\n')
    expect(await run('wait --for=condition=complete job/once --timeout 20s')).toBe('job.batch/once condition met\n')
    expect(await run('get job once')).toMatch(/^once\s+Complete\s+1\/1\s+/m)
    expect(await run('create cronjob nightly --image busybox --schedule @daily -- true')).toBe('cronjob.batch/nightly created\n')
    await run('create job by-hand --from=cronjob/nightly')
    await run('wait --for=condition=complete job/by-hand --timeout 20s')
    expect(await run('describe job by-hand')).toMatch(/Pods Statuses:\s+0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed/)
    expect(await run('get cronjob nightly')).toMatch(/^nightly\s+@daily\s+<none>\s+False\s+0\s+<none>/m)
    await run('delete job once by-hand')
    await run('delete cronjob nightly')
    await run('wait --for=delete pod -l job-name --timeout 20s')
    expect(await run('get jobs,cronjobs -o name')).toBe('')
  }, 60_000)
})
