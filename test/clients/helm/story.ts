// A release from its first day to its last, with helm 4, or 3: `story.ts 4.1.4`. Helm keeps what it knows in Secrets of the cluster.
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Minor } from '../../support/tools.js'
import { commandLine } from '../command.js'
import { check, checkWithControl, until } from '../story.js'

const version = process.argv[2] ?? '4.1.4'
// The packages of kubectl carry helm as well.
const minors: Record<string, Minor> = { 4: '1.35', 3: '1.32' }
const helm = commandLine('helm', minors[version[0]])
const kubectl = commandLine('kubectl', '1.35')
const namespace = `shops-${Date.now().toString(36)}`
// Where helm may write beside it.
const chart = join(helm.home, 'shop')
cpSync(join(import.meta.dirname, 'shop'), chart, { recursive: true })

const read = async (what: string) => JSON.parse(await kubectl.run(`get ${what} -n ${namespace} -o json`))
const exists = async (what: string) => (await kubectl.run(`get ${what} -n ${namespace} --ignore-not-found -o name`)) !== ''

await check(`is helm ${version}`, async () => assert.match(await helm.run('version --short'), new RegExp(`^v${version}\\+`)))

await check('installs a chart and waits until all of it is there', async () => {
  const printed = await helm.run(`install corner ${chart} --namespace ${namespace} --create-namespace --wait --timeout 60s`)
  assert.match(printed, /STATUS: deployed\nREVISION: 1\n/)
  const { metadata, status } = await read('deployment corner')
  assert.deepEqual([status.readyReplicas, metadata.annotations['meta.helm.sh/release-name']], [1, 'corner'])
  assert.deepEqual((await read('secret corner')).data, { password: 'c2VjcmV0' })
  assert.equal((await read('statefulset corner-db')).status.readyReplicas, 1)
  assert.equal(await exists('cronjob/corner'), true)
  const slices = async () => (await read('endpointslices -l kubernetes.io/service-name=corner')).items
  const [slice] = await until('its endpoint is ready', async () => {
    const found = await slices()
    return found[0]?.endpoints?.[0]?.conditions.ready && found
  })
  assert.equal(slice.ports[0].port, 8080)
})

await check('refuses to install what is there', async () => assert.match(await helm.failure(`install corner ${chart} -n ${namespace}`), /still in use/))

await check('runs its tests', async () => assert.match(await helm.run(`test corner --namespace ${namespace} --timeout 60s`), /Phase:\s+Succeeded/))

await check('upgrades what has changed', async () => {
  const changes = '--set replicas=2,colour=red,service.type=NodePort'
  assert.match(await helm.run(`upgrade corner ${chart} --namespace ${namespace} ${changes} --wait --timeout 60s`), /REVISION: 2\n/)
  const { spec, status } = await read('deployment corner')
  assert.deepEqual([spec.replicas, status.readyReplicas, status.updatedReplicas, status.observedGeneration], [2, 2, 2, 2])
  assert.deepEqual((await read('configmap corner')).data, { colour: 'red' })
  assert.ok((await read('service corner')).spec.ports[0].nodePort >= 30_000)
})

await check('takes nothing away when an upgrade is refused', async () => {
  assert.match(await helm.failure(`upgrade corner ${chart} --namespace ${namespace} --set service.type=Wrong --timeout 60s`), /spec\.type/)
  assert.equal((await read('service corner')).spec.type, 'NodePort')
})

await check('rolls back', async () => {
  await helm.run(`rollback corner 1 --namespace ${namespace} --wait --timeout 60s`)
  assert.equal((await read('deployment corner')).spec.replicas, 1)
  assert.deepEqual((await read('configmap corner')).data, { colour: 'blue' })
  const { spec } = await read('service corner')
  assert.deepEqual([spec.type, spec.ports[0].nodePort], ['ClusterIP', undefined])
})

await checkWithControl('goes on after a restart of the server', async (restart) => {
  await restart()
  assert.match(await helm.run(`status corner --namespace ${namespace}`), /STATUS: deployed\nREVISION: 4\n/)
})

await check('lists releases and their history', async () => {
  assert.match(await helm.run('list --all-namespaces'), new RegExp(`^corner\\s+${namespace}\\s+4\\s+.*deployed\\s+shop-0\\.1\\.0\\s+1\\s*$`, 'm'))
  const history = JSON.parse(await helm.run(`history corner --namespace ${namespace} --output json`)) as { status: string }[]
  assert.deepEqual(
    history.map(({ status }) => status),
    ['superseded', 'superseded', 'failed', 'deployed'],
  )
})

await check('uninstalls everything', async () => {
  assert.ok((await helm.run(`uninstall corner --namespace ${namespace} --wait --timeout 60s`)).includes('release "corner" uninstalled'))
  for (const what of ['deployment/corner', 'configmap/corner', 'secret/corner', 'service/corner', 'statefulset/corner-db', 'cronjob/corner']) {
    assert.equal(await exists(what), false, what)
  }
  await kubectl.run(`wait --for=delete pod -l app=corner -n ${namespace} --timeout 60s`)
})

await kubectl.run(`delete namespace ${namespace}`)
for (const { home } of [helm, kubectl]) rmSync(home, { recursive: true })
