// Measures the built server beside the physical limit of this machine, in one run:
//   npm run bench            all of it
//   npm run bench -- --only create,get
// Figures of a shared machine are worth little; their ratios hold better. Each load is bounded in time and stays on loopback.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { grpcFanOut, grpcRates } from './grpc.mjs'
import { http2Costs } from './http2.mjs'
import { protobufRates } from './protobuf.mjs'
import { scales } from './scale.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' } } })
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const chosen = values.only?.split(',')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-bench-'))

// What a small real pod weighs: 1.4 KB of JSON.
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'bench-', labels: { app: 'bench', tier: 'backend', 'app.kubernetes.io/name': 'bench' }, annotations: { note: 'x'.repeat(300) } },
  spec: {
    containers: [1, 2].map((index) => ({
      name: `main-${index}`,
      image: 'registry.example.com/team/service:1.2.3',
      ports: [{ name: `http-${index}`, containerPort: 8080 + index }],
      env: [
        { name: 'A', value: 'one' },
        { name: 'B', value: 'two' },
      ],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      readinessProbe: { httpGet: { path: '/ready', port: `http-${index}` }, periodSeconds: 5 },
    })),
  },
}
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'bench-', labels: { app: 'bench' } }, data: { value: 'x'.repeat(1200) } }
const body = JSON.stringify(configMap)

const results = []
const children = new Set()
const wanted = (name) => !chosen || chosen.includes(name)
const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]

try {
  if (wanted('start')) await start()
  if (wanted('create')) await rates('create of 1.4 KB, in memory', { limit: 'POST', path: '/api/v1/namespaces/default/configmaps', body })
  if (wanted('create-pod'))
    await rates('create of a 1.4 KB pod, in memory', {
      limit: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: JSON.stringify(pod),
      controllers: '*,-kube-scheduler',
    })
  if (wanted('create-file'))
    await rates('create of 1.4 KB, in a file', { limit: 'POST', path: '/api/v1/namespaces/default/configmaps', body, data: join(scratch, 'state.db') })
  if (wanted('get')) await rates('get of 1.4 KB', { limit: 'GET', prepare: true })
  if (wanted('list')) await rates('list of 1,000 × 1.4 KB', { limit: 'LIST', prepare: 1000, path: '/api/v1/namespaces/default/configmaps' })
  if (wanted('watch')) await fanOut()
  if (wanted('protobuf')) results.push(...(await protobufRates({ serve, pod, seconds, rounds })))
  // Said once, in a decision: only when it is named.
  if (chosen?.includes('http2')) results.push(...(await http2Costs({ serve, launch, certificates: join(scratch, 'certificates'), object: configMap, rounds })))
  const grpc = { serve, bare: bareGrpc, seconds, rounds, object: configMap }
  if (wanted('grpc-get')) results.push(await grpcRates('gRPC get of 1.4 KB', 'Get', grpc))
  if (wanted('grpc-create')) results.push(await grpcRates('gRPC create of 1.4 KB, in memory', 'Create', grpc))
  if (wanted('grpc-watch')) results.push(await grpcFanOut(grpc))
  // Minutes each: only when they are named.
  for (const [name, scale] of Object.entries(scales)) if (chosen?.includes(name)) results.push(...(await scale(serve)))
  print()
} finally {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true, force: true })
}

async function start() {
  const readies = []
  let memory = 0
  for (let round = 0; round < rounds * 3; round++) {
    const began = performance.now()
    const server = await serve()
    readies.push(performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 500))
    memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024
    await server.end()
  }
  const bare = []
  for (let round = 0; round < rounds * 3; round++) {
    const began = performance.now()
    const limit = await bareServer()
    bare.push(performance.now() - began)
    await limit.end()
  }
  results.push({ what: 'command to ready line, ms (minimum)', figure: Math.min(...readies), limit: Math.min(...bare), unit: 'ms', isTime: true })
  results.push({ what: 'command to ready line, ms (median)', figure: median(readies), limit: median(bare), unit: 'ms', isTime: true })
  results.push({ what: 'resident when idle, MiB', figure: memory, unit: 'MiB' })
}

async function rates(what, { limit: method, path, body, prepare, data, controllers = '*' }) {
  const server = await serve(['--controllers', controllers, ...(data ? ['--data', data] : [])])
  const bare = await bareServer()
  let target = path
  if (prepare) {
    const names = []
    for (let index = 0; index < (prepare === true ? 1 : prepare); index++)
      names.push(JSON.parse(await post(`${server.http}/api/v1/namespaces/default/configmaps`, body ?? JSON.stringify(configMap))).metadata.name)
    target ??= `/api/v1/namespaces/default/configmaps/${names[0]}`
  }
  const [figures, limits] = [[], []]
  for (let round = 0; round < rounds; round++) {
    limits.push(await load(`${bare.http}/${method}`, method, body))
    figures.push(await load(server.http + target, method, body))
  }
  results.push({ what, figure: median(figures), limit: median(limits), unit: '/s' })
  await server.end()
  await bare.end()
}

async function load(url, method, body) {
  const options = {
    url,
    method: method === 'POST' ? 'POST' : 'GET',
    connections: 32,
    duration: seconds,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body } : {}),
  }
  const { requests, non2xx, errors } = await autocannon(options)
  if (non2xx || errors) throw new Error(`${non2xx} answers of another code and ${errors} errors at ${url}`)
  return requests.average
}

/** 1,000 watches, each told of every event: deliveries a second, beside a bare server that writes as many lines. */
async function fanOut() {
  const [watchers, events] = [1000, 200]
  const server = await serve()
  const deliveries = await watchAll(`${server.http}/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=0`, watchers, events, async () => {
    for (let index = 0; index < events; index++) await post(`${server.http}/api/v1/namespaces/default/configmaps`, body)
  })
  await server.end()
  const bare = await bareServer()
  const limit = await watchAll(`${bare.http}/WATCH`, watchers, events, async () => {
    for (let index = 0; index < events; index++) await post(`${bare.http}/EVENT`, body)
  })
  await bare.end()
  results.push({ what: 'watch deliveries, 1,000 watchers', figure: deliveries, limit, unit: '/s' })
}

async function watchAll(url, watchers, events, write) {
  let lines = 0
  let finish
  const done = new Promise((resolve) => {
    finish = resolve
  })
  const open = []
  const newline = 10
  for (let index = 0; index < watchers; index++) {
    await new Promise((resolve, reject) => {
      const request = httpRequest(url, { agent: false }, (response) => {
        response.on('data', (chunk) => {
          for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines++
          if (lines >= watchers * events) finish()
        })
        resolve()
      })
      request.once('error', reject)
      request.end()
      open.push(request)
    })
  }
  lines = 0
  const began = performance.now()
  await write()
  await done
  const rate = (watchers * events) / ((performance.now() - began) / 1000)
  for (const request of open)
    request
      .removeAllListeners('error')
      .on('error', () => {})
      .destroy()
  return rate
}

function post(url, text) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } },
      (response) => {
        let answer = ''
        response.on('data', (chunk) => {
          answer += chunk
        })
        response.on('end', () => (response.statusCode < 300 ? resolve(answer) : reject(new Error(answer))))
      },
    )
    request.once('error', reject)
    request.end(text)
  })
}

function serve(options = []) {
  const words = [
    '--secure-port',
    '0',
    '--insecure-port',
    '0',
    '--grpc-port',
    '0',
    '--output',
    'json',
    '--log-level',
    'error',
    '--cert-dir',
    join(scratch, 'certificates'),
    ...options,
  ]
  return launch([join(root, 'dist', 'kubedouble.js'), ...words])
}

function bareServer() {
  return launch([join(root, 'bench', 'bare-server.mjs'), String(Buffer.byteLength(body))])
}

function bareGrpc() {
  return launch([join(root, 'bench', 'bare-grpc.mjs'), String(Buffer.byteLength(body))])
}

function launch(words) {
  // Certificates of the machine would be read at every start of Node.
  const { NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env })
  children.add(child)
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.once('exit', () => children.delete(child))
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
    child.stdout.once('data', (line) => {
      resolve({ ...JSON.parse(line), child, end: () => child.kill('SIGTERM') && ended })
    })
  })
}

function print() {
  const shown = (number) => (number === undefined ? '–' : number >= 1000 ? Math.round(number).toLocaleString('en') : number.toFixed(number < 10 ? 1 : 0))
  console.log(`\nNode ${process.version}, ${process.platform}, medians of ${rounds} rounds of ${seconds} s\n`)
  console.log('| what | kubedouble | limit | share |')
  console.log('| --- | --- | --- | --- |')
  for (const { what, figure, limit, unit, isTime } of results) {
    const share = limit === undefined ? '' : isTime ? `${(figure / limit).toFixed(1)} ×` : `${Math.round((figure / limit) * 100)} %`
    console.log(`| ${what} | ${shown(figure)}${unit === '/s' ? '/s' : ''} | ${shown(limit)}${limit && unit === '/s' ? '/s' : ''} | ${share} |`)
  }
}
