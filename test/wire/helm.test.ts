// The real helm, 4 and 3, installs, upgrades, rolls back and uninstalls a chart.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import { hasTools, toolPath } from '../support/tools.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-helm-'))
const chart = join(scratch, 'shop')

const metadata = `metadata:
  name: {{ .Release.Name }}
  labels: { app.kubernetes.io/managed-by: {{ .Release.Service }} }`
const files = {
  'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 0.1.0\nappVersion: "1"\n',
  'values.yaml': 'replicas: 1\ncolour: blue\nservice: { type: ClusterIP }\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
${metadata}
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: {{ .Release.Name }} } }
  template:
    metadata:
      labels: { app: {{ .Release.Name }} }
      annotations: { colour: {{ .Values.colour }} }
    spec: { containers: [{ name: shop, image: "example.com/shop:1", ports: [{ name: http, containerPort: 8080 }] }] }
`,
  'templates/service.yaml': `apiVersion: v1
kind: Service
${metadata}
spec: { type: {{ .Values.service.type }}, selector: { app: {{ .Release.Name }} }, ports: [{ port: 80, targetPort: http }] }
`,
  'templates/config-map.yaml': `apiVersion: v1\nkind: ConfigMap\n${metadata}\ndata: { colour: {{ .Values.colour }} }\n`,
  'templates/secret.yaml': `apiVersion: v1\nkind: Secret\n${metadata}\nstringData: { password: secret }\n`,
  'templates/tests/reaches.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-reaches
  annotations: { helm.sh/hook: test, kubedouble.dev/exit-after: 0s }
spec: { restartPolicy: Never, containers: [{ name: main, image: "example.com/test:1" }] }
`,
}

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(chart, path)), { recursive: true })
    writeFileSync(join(chart, path), text)
  }
})
afterAll(() => rmSync(scratch, { recursive: true }))

describe.skipIf(!hasTools).each([
  ['4', '1.35'],
  ['3', '1.32'],
] as const)('helm %s', (major, minor) => {
  let server: Kubedouble
  beforeAll(async () => {
    server = await startKubedouble({ certDir: join(scratch, 'certificates'), kubeconfig: join(scratch, `kubeconfig-${major}`) })
  }, 60_000)
  afterAll(() => server.close())

  /** Fails with what helm says; answers what it prints. */
  const helm = async (line: string) => {
    const env = { PATH: process.env.PATH, HOME: join(scratch, `home-${major}`), KUBECONFIG: server.kubeconfig }
    const options = { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 }
    const { code, stdout, stderr } = await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) =>
      execFile(toolPath('helm', minor), line.split(' '), options, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr })),
    )
    expect(code, `helm ${line}: ${stdout}${stderr}`).toBe(0)
    return stdout
  }
  const read = async (path: string): Promise<Plain> => (await (await fetch(server.http + path)).json()) as Plain
  const configMap = '/api/v1/namespaces/shops/configmaps/corner'
  const deployment = '/apis/apps/v1/namespaces/shops/deployments/corner'

  it('is what it is said to be', async () => expect(await helm('version --short')).toMatch(new RegExp(`^v${major}\\.`)))

  it('installs a chart and waits until all of it is there', async () => {
    expect(await helm(`install corner ${chart} --namespace shops --create-namespace --wait --timeout 30s`)).toMatch(/STATUS: deployed\nREVISION: 1\n/)
    expect(await read(deployment)).toMatchObject({ status: { readyReplicas: 1 }, metadata: { annotations: { 'meta.helm.sh/release-name': 'corner' } } })
    expect(await read('/api/v1/namespaces/shops/secrets/corner')).toMatchObject({ data: { password: 'c2VjcmV0' } })
    const slices = await read('/apis/discovery.k8s.io/v1/namespaces/shops/endpointslices?labelSelector=kubernetes.io/service-name=corner')
    expect(slices.items[0]).toMatchObject({ ports: [{ port: 8080 }], endpoints: [{ conditions: { ready: true } }] })
  })

  it('runs its tests', async () => expect(await helm('test corner --namespace shops --timeout 30s')).toMatch(/Phase:\s+Succeeded/))

  it('upgrades what has changed', async () => {
    const changes = '--set replicas=2,colour=red,service.type=NodePort'
    expect(await helm(`upgrade corner ${chart} --namespace shops ${changes} --wait --timeout 30s`)).toMatch(/REVISION: 2\n/)
    expect(await read(deployment)).toMatchObject({ spec: { replicas: 2 }, status: { readyReplicas: 2, updatedReplicas: 2, observedGeneration: 2 } })
    expect(await read(configMap)).toMatchObject({ data: { colour: 'red' } })
    const { spec } = await read('/api/v1/namespaces/shops/services/corner')
    expect(spec.ports[0].nodePort).toBeGreaterThanOrEqual(30_000)
  })

  it('rolls back', async () => {
    await helm('rollback corner 1 --namespace shops --wait --timeout 30s')
    expect(await read(deployment)).toMatchObject({ spec: { replicas: 1 } })
    expect(await read(configMap)).toMatchObject({ data: { colour: 'blue' } })
    const { spec } = await read('/api/v1/namespaces/shops/services/corner')
    expect(spec).toMatchObject({ type: 'ClusterIP' })
    expect(spec.ports[0].nodePort).toBeUndefined()
  })

  it('lists releases and their history', async () => {
    expect(await helm('list --all-namespaces')).toMatch(/^corner\s+shops\s+3\s+.*deployed\s+shop-0\.1\.0\s+1\s*$/m)
    const history = JSON.parse(await helm('history corner --namespace shops --output json')) as { status: string }[]
    expect(history.map(({ status }) => status)).toEqual(['superseded', 'superseded', 'deployed'])
  })

  it('uninstalls everything', async () => {
    expect(await helm('uninstall corner --namespace shops --wait --timeout 30s')).toContain('release "corner" uninstalled')
    await server.settled()
    for (const path of [deployment, configMap]) expect(await read(path)).toMatchObject({ reason: 'NotFound' })
    const pods = await read('/api/v1/namespaces/shops/pods?labelSelector=app%3Dcorner')
    expect(pods.items).toEqual([])
  })
})
