// Load over gRPC from bare HTTP/2 connections: a client of grpc-js would be slower than the servers that are measured.
import { connect } from 'node:http2'

const connections = 8
const callsPerConnection = 8

const framed = (message) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

const open = (session, path) => session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' })

/** One call. @returns the message that came back */
export function call(session, path, message) {
  return new Promise((resolve, reject) => {
    const stream = open(session, path)
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.once('trailers', (trailers) => {
      if (trailers['grpc-status'] === '0') resolve(Buffer.concat(chunks).subarray(5))
      else reject(new Error(`${path}: ${trailers['grpc-status']} ${trailers['grpc-message']}`))
    })
    stream.once('error', reject)
    stream.end(framed(message))
  })
}

/** @returns answers a second */
export async function unaryRate(address, path, message, seconds) {
  const sessions = Array.from({ length: connections }, () => connect(`http://${address}`))
  const began = performance.now()
  const end = began + seconds * 1000
  let answers = 0
  const work = async (session) => {
    while (performance.now() < end) {
      await call(session, path, message)
      answers++
    }
  }
  await Promise.all(sessions.flatMap((session) => Array.from({ length: callsPerConnection }, () => work(session))))
  const rate = answers / ((performance.now() - began) / 1000)
  for (const session of sessions) session.close()
  return rate
}

/** Watchers that are each told of every event. @param write makes the events. @returns deliveries a second, and what one write took, in ms */
export async function fanOutRate({ address, path, message, watchers, events, write }) {
  const sessions = Array.from({ length: connections }, () => connect(`http://${address}`))
  let messages = 0
  let finish
  const done = new Promise((resolve) => {
    finish = resolve
  })
  for (let index = 0; index < watchers; index++) {
    await new Promise((resolve, reject) => {
      const stream = open(sessions[index % connections], path)
      const count = messageCounter(() => {
        messages++
        if (messages === watchers * events) finish()
      })
      stream.on('data', count)
      stream.once('response', resolve)
      stream.on('error', reject)
      stream.end(framed(message))
    })
  }
  const began = performance.now()
  for (let index = 0; index < events; index++) await write(sessions[0])
  await done
  const rate = (watchers * events) / ((performance.now() - began) / 1000)
  for (const session of sessions) session.destroy()
  return rate
}

/** Counts messages in a stream of bytes without putting them together. */
function messageCounter(onMessage) {
  let head = Buffer.alloc(0)
  let left = 0
  return (chunk) => {
    let rest = chunk
    while (rest.length) {
      if (left > 0) {
        const taken = Math.min(left, rest.length)
        left -= taken
        rest = rest.subarray(taken)
        if (left === 0) onMessage()
        continue
      }
      const needed = 5 - head.length
      head = Buffer.concat([head, rest.subarray(0, needed)])
      rest = rest.subarray(needed)
      if (head.length < 5) continue
      left = head.readUInt32BE(1)
      head = Buffer.alloc(0)
      if (left === 0) onMessage()
    }
  }
}
