// Protobuf beside JSON: the same requests to the same server by turns, so that what differs is the encoding alone.
import { Agent, request as httpRequest } from 'node:http'
import { cpuMicros } from '../measuring/process-stats.mjs'
import { only } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { pod as object } from '../objects.mjs'

const protobufType = 'application/vnd.kubernetes.protobuf'
const json = 'application/json'
const pods = '/api/v1/namespaces/default/pods'
const listed = 2000
const watchers = 200
const events = 500

export const protobuf = {
  name: 'protobuf',
  text: 'gets, lists and watches in protobuf beside JSON, by rate and by CPU time of the server',
  isLong: true,
  async run(stand) {
    // Nobody acts on the pods: the server has nothing else to do.
    const server = await stand.processes.serve(['--controllers', '*,-kube-scheduler'])
    const names = []
    for (let index = 0; index < listed; index++) names.push(JSON.parse(await post(server.http + pods, JSON.stringify(object))).metadata.name)
    const pod = `${server.http}${pods}/${names[0]}`
    const { seconds } = stand
    return [
      ...(await compared(stand, server, 'get of a pod', (accept) => load(pod, accept, { seconds, connections: 32 }))),
      ...(await compared(stand, server, 'list of 2,000 pods', (accept) => load(server.http + pods, accept, { seconds, connections: 4 }))),
      ...(await compared(stand, server, 'watch deliveries, 200 watchers', (accept) => fanOut(pod, accept))),
    ]
  },
}

/** Rates and CPU time of the server. @param measure says how many there were in how many seconds */
async function compared(stand, server, what, measure) {
  const lane = (accept) => async () => {
    const before = cpuMicros(server)
    const { count, seconds } = await measure(accept)
    return { cost: (cpuMicros(server) - before) / count, rate: count / seconds }
  }
  const taken = await stand.byTurns({ limit: lane(json), ours: lane(protobufType) })
  return [
    row({ what: `${what}, protobuf beside JSON`, unit: '/s', ...only(taken, 'rate') }),
    row({ what: `${what}, protobuf beside JSON, CPU`, unit: 'µs', ...only(taken, 'cost') }),
  ]
}

/** Answers are not looked at. */
async function load(url, accept, { seconds, connections }) {
  const agent = new Agent({ keepAlive: true })
  const end = performance.now() + seconds * 1000
  let answers = 0
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = httpRequest(url, { agent, headers: { accept } }, (response) => {
        response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode} at ${url}`))))
      })
      request.once('error', reject).end()
    })
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        await ask()
        answers++
      }
    }),
  )
  agent.destroy()
  return { count: answers, seconds }
}

/** One pod changes again and again; each watcher is told each time. */
async function fanOut(pod, accept) {
  const { resourceVersion } = JSON.parse(await send('GET', pod, { accept: json })).metadata
  const name = pod.slice(pod.lastIndexOf('/') + 1)
  const url = `${pod.slice(0, pod.lastIndexOf('/'))}?watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`
  const agent = new Agent({ keepAlive: false })
  let frames = 0
  let finish
  const done = new Promise((resolve) => {
    finish = resolve
  })
  const open = []
  for (let index = 0; index < watchers; index++) {
    const counted = accept === json ? linesIn : framesIn()
    open.push(
      await new Promise((resolve, reject) => {
        const request = httpRequest(url, { agent, headers: { accept } }, (response) => {
          response.on('data', (chunk) => {
            frames += counted(chunk)
            if (frames >= watchers * events) finish()
          })
          resolve(request)
        })
        request.once('error', reject).end()
      }),
    )
  }
  const began = performance.now()
  for (let index = 0; index < events; index++) {
    const patch = JSON.stringify({ metadata: { annotations: { note: `${accept} ${index}` } } })
    await send('PATCH', pod, { accept: json, 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(patch) }, patch)
  }
  await done
  const seconds = (performance.now() - began) / 1000
  for (const request of open)
    request
      .removeAllListeners('error')
      .on('error', () => {})
      .destroy()
  return { count: watchers * events, seconds }
}

const newline = 10

function linesIn(chunk) {
  let lines = 0
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines++
  return lines
}

/** Frames that begin in what has come so far; their lengths may be torn apart. */
function framesIn() {
  let left = 0
  let head = Buffer.alloc(0)
  return (chunk) => {
    let frames = 0
    let at = 0
    while (at < chunk.length) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length - at)
        left -= taken
        at += taken
        if (left === 0) frames++
        continue
      }
      const missing = 4 - head.length
      head = Buffer.concat([head, chunk.subarray(at, at + missing)])
      at += missing
      if (head.length === 4) {
        left = head.readUInt32BE(0)
        head = Buffer.alloc(0)
      }
    }
    return frames
  }
}

const post = (url, text) => send('POST', url, { 'content-type': json, 'content-length': Buffer.byteLength(text) }, text)

function send(method, url, headers, text) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      let answer = ''
      response.on('data', (chunk) => {
        answer += chunk
      })
      response.on('end', () => (response.statusCode < 300 ? resolve(answer) : reject(new Error(answer))))
    })
    request.once('error', reject).end(text)
  })
}
