// The story with kubectl: `story.ts 1.35.2`, or an older one.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import type { Minor } from '../../support/tools.js'
import { commandLine } from '../command.js'
import { check, checkWithControl, until, within } from '../story.js'

const version = process.argv[2] ?? '1.35.2'
const kubectl = commandLine('kubectl', version.replace(/\.\d+$/, '') as Minor)
const { run, failure, file } = kubectl
const configMap = (name: string, value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`

const namespace = `story-${Date.now().toString(36)}`
await run(`create namespace ${namespace}`)
await run(`config set-context --current --namespace ${namespace}`)
await objects()
await lists()
await changes()
await apply()
await pods()
await deployments()
await watches()
await knowledge()
await run(`delete namespace ${namespace}`)
rmSync(kubectl.home, { recursive: true })

async function objects(): Promise<void> {
  await check(`is kubectl ${version}, and meets 1.35`, async () => {
    const printed = await run('version')
    assert.match(printed, new RegExp(`Client Version: v${version}\n`))
    assert.match(printed, /Server Version: v1\.35\./)
  })

  await check('sees the nodes ready', async () => {
    assert.equal((await run('get nodes')).match(/^node-\d\s+Ready\s/gm)?.length, 3)
    assert.match(await run('describe node node-0'), /Ready\s+True/)
  })

  await check('creates, labels, annotates, replaces and deletes', async () => {
    await run('create configmap one --from-literal=b=2')
    await run('label configmap one tier=x')
    await run('annotate configmap one note=y')
    const path = file('replaced.yaml', (await run('get configmap one -o yaml')).replace('b: "2"', 'b: "3"'))
    assert.equal(await run(`replace -f ${path}`), 'configmap/one replaced\n')
    const { metadata, data } = JSON.parse(await run('get configmap one -o json'))
    assert.deepEqual([metadata.labels, metadata.annotations, data], [{ tier: 'x' }, { note: 'y' }, { b: '3' }])
    assert.match(await run('delete configmap one'), /^configmap "one" deleted/)
  })

  await check('is told what is wrong in the words of the API', async () => {
    await run('create configmap twice')
    assert.match(await failure('create configmap twice'), /configmaps "twice" already exists/)
    assert.match(await failure('get configmap nowhere'), /Error from server \(NotFound\): configmaps "nowhere" not found/)
    const invalid = 'Service "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a DNS-1035 label must consist of'
    assert.ok((await failure('create service clusterip Bad_Name --tcp 80')).includes(invalid))
  })
}

async function lists(): Promise<void> {
  for (let index = 0; index < 5; index++) {
    await run(`create configmap listed-${index}`)
    await run(`label configmap listed-${index} set=listed parity=${index % 2 ? 'odd' : 'even'}`)
  }

  await check('lists by label and by field', async () => {
    assert.equal(await run('get configmaps -l set=listed,parity=odd -o name'), 'configmap/listed-1\nconfigmap/listed-3\n')
    assert.equal(await run('get configmaps -o name --field-selector metadata.name=listed-2'), 'configmap/listed-2\n')
  })

  await check('lists in chunks', async () => {
    const printed = await kubectl.attempt('get', 'configmaps', '-l', 'set=listed', '-o', 'name', '--chunk-size', '2', '-v', '8')
    assert.equal(printed.stdout.split('\n').length, 6)
    // The log of the requests has three of them, the last two with where to go on.
    assert.equal(printed.stderr.match(/(?:GET http|url="http)[^\s"]*limit=2/g)?.length, 3, printed.stderr)
    assert.equal(printed.stderr.match(/(?:GET http|url="http)[^\s"]*continue=\w+/g)?.length, 2, printed.stderr)
  })
}

async function changes(): Promise<void> {
  await check('is told of a conflict, and replaces what it has read again', async () => {
    await run('create configmap contested --from-literal=a=1')
    const late = file('late.yaml', `${await run('get configmap contested -o yaml')}`.replace('a: "1"', 'a: "3"'))
    await run('patch configmap contested --type merge -p', '{"data":{"a":"2"}}')
    assert.match(await failure(`replace -f ${late}`), /Error from server \(Conflict\): .*the object has been modified; please apply your changes to the latest/)
    const again = file('again.yaml', (await run('get configmap contested -o yaml')).replace('a: "2"', 'a: "3"'))
    assert.equal(await run(`replace -f ${again}`), 'configmap/contested replaced\n')
  })

  const cases = [
    ['json', '[{"op":"add","path":"/data/two","value":"2"}]', { one: '1', two: '2' }],
    ['merge', '{"data":{"one":null,"two":"2"}}', { two: '2' }],
    ['strategic', '{"data":{"two":"2"}}', { one: '1', two: '2' }],
  ] as const
  for (const [type, patch, expected] of cases) {
    await check(`patches: ${type}`, async () => {
      await run(`create configmap patched-${type} --from-literal=one=1`)
      await run(`patch configmap patched-${type} --type ${type} -p`, patch)
      assert.deepEqual(JSON.parse(await run(`get configmap patched-${type} -o json`)).data, expected)
    })
  }
}

async function apply(): Promise<void> {
  await check('applies, and applies again what has changed', async () => {
    assert.equal(await run(`apply -f ${file('one.yaml', configMap('applied', '1'))}`), 'configmap/applied created\n')
    assert.equal(await run(`apply -f ${file('one.yaml', configMap('applied', '1'))}`), 'configmap/applied unchanged\n')
    const difference = await kubectl.attempt('diff', '-f', file('two.yaml', configMap('applied', '2')))
    assert.equal(difference.code, 1)
    assert.match(difference.stdout, /-\s+value: "1"\n\+\s+value: "2"/)
    assert.equal(await run(`apply -f ${file('two.yaml', configMap('applied', '2'))}`), 'configmap/applied configured\n')
  })

  await check('applies on the server, is told of a conflict, and takes the field over', async () => {
    assert.equal(
      await run(`apply --server-side --force-conflicts -f ${file('three.yaml', configMap('applied', '3'))}`),
      'configmap/applied serverside-applied\n',
    )
    const four = file('four.yaml', configMap('applied', '4'))
    assert.match(await failure(`apply --server-side --field-manager other -f ${four}`), /conflict with "kubectl": \.data\.value/)
    assert.equal(await run(`apply --server-side --field-manager other --force-conflicts -f ${four}`), 'configmap/applied serverside-applied\n')
    const fields = 'jsonpath={.metadata.managedFields[?(@.manager=="other")].operation}'
    assert.equal(await run('get configmap applied --show-managed-fields -o', fields), 'Apply')
  })

  await check('edits', async () => {
    const editor = file('editor.sh', '#!/bin/sh\nsed -i "s/value: .*/value: edited/" "$1"\n')
    const child = spawn(kubectl.path, ['edit', 'configmap/applied'], { env: { ...kubectl.environment, KUBE_EDITOR: `sh ${editor}` } })
    await within(60, new Promise((resolve) => child.once('close', resolve)))
    assert.equal(await run('get configmap applied -o jsonpath={.data.value}'), 'edited')
  })
}

async function pods(): Promise<void> {
  await check('runs a pod and exposes it', async () => {
    assert.equal(await run('run web-1 --image nginx --labels app=web'), 'pod/web-1 created\n')
    await run('wait --for=condition=Ready pod/web-1 --timeout=60s')
    assert.match(await run('get pod web-1 -o wide'), /web-1\s+1\/1\s+Running\s+0\s+\S+\s+10\.\d+\.\d+\.\d+\s+node-\d/)
    assert.equal(await run('expose pod web-1 --port 80'), 'service/web-1 exposed\n')
    await run('wait --for=jsonpath={.subsets[0].addresses[0].ip} endpoints/web-1 --timeout=60s')
    await until('its slice', async () => (await run('get endpointslices -o name')) !== '')
    const listed = await run('get svc,endpoints,endpointslices -o wide')
    assert.match(listed, /service\/web-1\s+ClusterIP\s+10\.96\.\d+\.\d+\s+<none>\s+80\/TCP\s+\S+\s+app=web/)
    assert.match(listed, /endpoints\/web-1\s+10\.\d+\.\d+\.\d+:80/)
    assert.match(listed, /endpointslice\.discovery\.k8s\.io\/web-1-\w{5}\s+IPv4\s+80\s+10\.\d+\.\d+\.\d+/)
  })

  await check('describes what there is, with its events', async () => {
    const described = await run('describe service web-1')
    assert.match(described, /Selector:\s+app=web/)
    assert.match(described, /Endpoints:\s+10\.\d+\.\d+\.\d+:80/)
    assert.match(await run('describe pod web-1'), /Normal\s+Scheduled[\s\S]*Normal\s+Started/)
    assert.match(await run('events'), /Scheduled/)
    assert.ok((await run('get all')).includes('pod/web-1'))
  })
}

async function deployments(): Promise<void> {
  const owners = (name: string) => run(`get replicasets -l app=${name} -o`, 'jsonpath={range .items[*]}[{.metadata.ownerReferences[*].name}]{end}')
  const begin = async (name: string) => {
    await run(`create deployment ${name} --image nginx`)
    await run(`rollout status deployment ${name} --timeout=60s`)
  }

  await check('deletes in the background, in the foreground, and leaves orphans', async () => {
    for (const name of ['background', 'foreground', 'orphan']) {
      await begin(name)
      assert.equal(await owners(name), `[${name}]`)
      await run(`delete deployment ${name} --cascade=${name} --timeout=60s`)
      if (name === 'background') await until('its ReplicaSet is gone', async () => (await owners(name)) === '')
    }
    assert.equal(await owners('foreground'), '')
    assert.equal(await owners('orphan'), '[]')
  })

  await check('deletes a namespace with all that is in it', async () => {
    const other = `${namespace}-x`
    await run(`create namespace ${other}`)
    await run(`run web --image nginx -n ${other}`)
    await run(`create service nodeport web --tcp 80 -n ${other}`)
    await run(`wait --for=condition=Ready pod/web -n ${other} --timeout=60s`)
    assert.match(await run(`delete namespace ${other}`), /^namespace "\S+" deleted/)
    assert.equal(await run(`get pods,services -n ${other} -o name`), '')
    assert.match(await failure(`get namespace ${other}`), /Error from server \(NotFound\): namespaces "\S+" not found/)
  })
}

async function watches(): Promise<void> {
  await check('watches what happens', async () => {
    const child = spawn(kubectl.path, ['get', 'configmaps', '--watch', '-o', 'name'], { env: kubectl.environment })
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    // The list comes first, then what is made afterwards.
    await until('the list', () => printed.includes('configmap/applied\n'))
    await run('create configmap watched')
    await until('what was made', () => printed.includes('configmap/watched\n'))
    child.kill()
  })

  await check('watches from a version on', async () => {
    const version = await run('get --raw', `/api/v1/namespaces/${namespace}/configmaps?limit=1`).then((text) => JSON.parse(text).metadata.resourceVersion)
    await run('create configmap later')
    await run('delete configmap later')
    const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${version}`
    const events = (await run('get --raw', path))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      events.map(({ type, object }) => [type, object.metadata.name]),
      [
        ['ADDED', 'later'],
        ['DELETED', 'later'],
      ],
    )
  })

  await checkWithControl('finds everything after a restart, and is told what is too old', async (restart) => {
    const list = await run('get --raw', `/api/v1/namespaces/${namespace}/configmaps?limit=1`)
    await restart('expire')
    assert.equal(await run('get configmap applied -o jsonpath={.data.value}'), 'edited')
    const version = JSON.parse(list).metadata.resourceVersion
    const watch = await run('get --raw', `/api/v1/namespaces/${namespace}/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${version}`)
    const { type, object } = JSON.parse(watch)
    assert.deepEqual([type, object.code, object.reason], ['ERROR', 410, 'Expired'])
  })
}

async function knowledge(): Promise<void> {
  await check('explains and lists what there is', async () => {
    assert.match(await run('explain service.spec'), /KIND:\s+Service[\s\S]*clusterIP\s+<string>/)
    assert.match(await run('explain deployment.spec.replicas'), /FIELD: replicas <integer>/)
    assert.match(await run('api-resources'), /^services\s+svc\s+v1\s+true\s+Service$/m)
    const versions = (await run('api-versions')).split('\n')
    assert.deepEqual(
      ['v1', 'apps/v1', 'discovery.k8s.io/v1'].filter((version) => !versions.includes(version)),
      [],
    )
  })

  await check('asks who may what, and makes tokens', async () => {
    assert.equal(await run('auth can-i create pods'), 'yes\n')
    assert.match(await run('auth whoami'), /Username\s+kubernetes-admin/)
    const token = (await run('create token default')).trim()
    // The same cluster without the administrator's certificate.
    const config = JSON.parse(await run('config view --raw -o json'))
    const bare = file('bare.json', JSON.stringify({ ...config, users: config.users.map(({ name }: { name: string }) => ({ name, user: {} })) }))
    const name = await run(`auth whoami --token ${token} --kubeconfig ${bare} -o jsonpath={.status.userInfo.username}`)
    assert.equal(name, `system:serviceaccount:${namespace}:default`)
  })
}
