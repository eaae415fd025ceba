// What HTTP/2 costs and brings on the secure port, in CPU time of the server: rates of TLS say more about the client.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { Agent, request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { cpuMicros } from '../measuring/process-stats.mjs'
import { row } from '../measuring/rows.mjs'
import { configMap } from '../objects.mjs'

const requests = 5000
const connections = 16
const watches = 100
const changes = 100
const answerLength = JSON.stringify(configMap).length + 300
const configMaps = '/api/v1/namespaces/default/configmaps'

// Said once, in a decision: only when it is named.
export const http2 = {
  name: 'http2',
  text: 'HTTP/2 beside HTTP/1.1 on the secure port, in CPU time of the server',
  isLong: true,
  async run(stand) {
    const { processes } = stand
    const server = await processes.serve()
    const admin = readFileSync(join(processes.certificates, 'admin.pem'), 'utf8')
    const tls = { key: admin, cert: admin, rejectUnauthorized: false }
    const own = { ...server, tls }
    await withHTTP1(own, ({ ask }) => ask(configMaps, { ...configMap, metadata: { name: 'bench' } }))
    const path = `${configMaps}/bench`
    const bare = async (versions) => ({ ...(await processes.limit('secure', versions, certificateOf(processes), String(answerLength))), tls })
    const [one, both] = [await bare('one'), await bare('both')]
    const compared = async (what, ours, limit) => row({ what: `${what}, CPU`, unit: 'µs', ...(await stand.byTurns({ ours, limit })) })
    const inBoth = (what, cost) =>
      compared(
        `${what}: HTTP/2 beside HTTP/1.1`,
        () => cost(withHTTP2),
        () => cost(withHTTP1),
      )
    return [
      await compared(
        'bare TLS: HTTP/1.1 where HTTP/2 is spoken too, beside where it is not',
        () => costOf(both, withHTTP1, gets('/')),
        () => costOf(one, withHTTP1, gets('/')),
      ),
      await inBoth('get', (client) => costOf(own, client, gets(path))),
      await inBoth('opening a watch', (client) => costOf(own, client, opens())),
      await inBoth('telling a watch', (client) => tellingCost(own, client, path)),
    ]
  },
}

function certificateOf({ certificates }) {
  const file = readdirSync(certificates).find((each) => each.startsWith('server-'))
  return join(certificates, file)
}

async function costOf(server, client, { count, work }) {
  const before = cpuMicros(server)
  await client(server, work)
  return (cpuMicros(server) - before) / count
}

const gets = (path) => ({
  count: requests,
  async work({ ask }) {
    let left = requests
    await Promise.all(
      Array.from({ length: connections }, async () => {
        while (left-- > 0) await ask(path)
      }),
    )
  },
})

const opens = () => ({ count: watches, work: ({ watch }) => openAll(watch, () => () => {}) })

const openAll = (watch, reader) => Promise.all(Array.from({ length: watches }, () => watch(`${configMaps}?watch=1&resourceVersion=0`, reader())))

function tellingCost(server, client, path) {
  let cost = 0
  const work = async ({ ask, watch }) => {
    let told = 0
    let finish
    const done = new Promise((resolve) => {
      finish = resolve
    })
    const goal = `"last":"${Math.random()}"`
    await openAll(watch, () => {
      // What is looked for may be torn apart.
      let end = ''
      return (chunk) => {
        const text = end + chunk
        end = text.slice(-goal.length)
        if (text.includes(goal) && ++told === watches) finish()
      }
    })
    const before = cpuMicros(server)
    const { metadata: _metadata, ...object } = JSON.parse(await ask(path))
    for (let change = 1; change <= changes; change++) {
      const data = change === changes ? JSON.parse(`{${goal}}`) : { count: String(change) }
      await ask(path, { ...object, metadata: { name: path.slice(path.lastIndexOf('/') + 1) }, data }, 'PUT')
    }
    await done
    cost = (cpuMicros(server) - before) / (watches * changes)
  }
  return client(server, work).then(() => cost)
}

async function withHTTP1({ https, tls }, work) {
  const agent = new Agent({ keepAlive: true, ...tls, maxCachedSessions: 0 })
  const open = []
  const start = (path, { method = 'GET', text = '', agent: over }) =>
    new Promise((resolve, reject) => {
      const headers = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {}
      const request = httpsRequest(`${https}${path}`, { method, agent: over, ...tls, headers }, (response) => resolve({ request, response }))
      request.once('error', reject).end(text)
    })
  await work({
    async ask(path, object, method = object ? 'POST' : 'GET') {
      const { response } = await start(path, { method, text: object ? JSON.stringify(object) : '', agent })
      return textOf(response, response.statusCode)
    },
    async watch(path, onData) {
      const { request, response } = await start(path, { agent })
      request.on('error', () => {})
      response.on('data', onData).on('error', () => {})
      open.push(request)
    },
  })
  for (const request of open) request.destroy()
  agent.destroy()
}

async function withHTTP2({ https, tls }, work) {
  const session = connect(https, tls)
  const start = (path, { method = 'GET', text = '' }) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, ':method': method, ...(text ? { 'content-type': 'application/json' } : {}) })
      stream.once('response', (headers) => resolve({ stream, code: headers[':status'] }))
      stream.once('error', reject)
      if (text) stream.end(text)
    })
  await work({
    async ask(path, object, method = object ? 'POST' : 'GET') {
      const { stream, code } = await start(path, { method, text: object ? JSON.stringify(object) : '' })
      return textOf(stream, code)
    },
    async watch(path, onData) {
      const { stream } = await start(path, {})
      stream.on('data', onData).on('error', () => {})
    },
  })
  session.destroy()
}

function textOf(stream, code) {
  return new Promise((resolve, reject) => {
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      if (code < 300) resolve(text)
      else reject(new Error(text))
    })
  })
}
