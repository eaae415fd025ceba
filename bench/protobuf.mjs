// Protobuf beside JSON: the same requests to the same server by turns, so that what differs is the encoding alone.
import { Agent, request as httpRequest } from 'node:http'
import autocannon from 'autocannon'

const protobuf = 'application/vnd.kubernetes.protobuf'
const json = 'application/json'
const pods = '/api/v1/namespaces/default/pods'
const listed = 2000
const watchers = 200
const events = 500

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]

/** @returns rows whose limit is JSON */
export async function protobufRates({ serve, pod, seconds, rounds }) {
  // Nobody acts on the pods: the server has nothing else to do.
  const server = await serve(['--controllers', '*,-kube-scheduler'])
  const names = []
  for (let index = 0; index < listed; index++) names.push(JSON.parse(await post(server.http + pods, JSON.stringify(pod))).metadata.name)
  const rows = [
    await byTurns('get of a pod, protobuf beside JSON', rounds, (accept) => load(`${server.http}${pods}/${names[0]}`, accept, { seconds, connections: 32 })),
    await byTurns('list of 2,000 pods, protobuf beside JSON', rounds, (accept) => load(server.http + pods, accept, { seconds, connections: 4 })),
    await byTurns('watch deliveries, 200 watchers, protobuf beside JSON', rounds, (accept) => fanOut(`${server.http}${pods}/${names[0]}`, accept)),
  ]
  await server.end()
  return rows
}

async function byTurns(what, rounds, measure) {
  const [figures, limits] = [[], []]
  for (let round = 0; round < rounds; round++) {
    limits.push(await measure(json))
    figures.push(await measure(protobuf))
  }
  return { what, figure: median(figures), limit: median(limits), unit: '/s' }
}

async function load(url, accept, { seconds, connections }) {
  const { requests, non2xx, errors } = await autocannon({ url, connections, duration: seconds, headers: { accept } })
  if (non2xx || errors) throw new Error(`${non2xx} answers of another code and ${errors} errors at ${url}`)
  return requests.average
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
  const rate = (watchers * events) / ((performance.now() - began) / 1000)
  for (const request of open)
    request
      .removeAllListeners('error')
      .on('error', () => {})
      .destroy()
  return rate
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
