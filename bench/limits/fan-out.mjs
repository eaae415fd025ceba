// The limit of watches: whatever is posted is told to every open watch, in one write to each socket for all that came in a turn.
import { createServer } from 'node:http'

const newline = Buffer.from('\n')
const watchers = new Set()
let waiting = []

const routes = {
  '/watch': (request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' })
    response.flushHeaders()
    watchers.add(request.socket)
    request.socket.once('close', () => watchers.delete(request.socket))
  },
  /** The body is the line, without its end. */
  '/event': (request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (waiting.length === 0) setImmediate(publish)
      waiting.push(...chunks, newline)
      response.end('{}')
    })
  },
}

/** Past Node's streams of answers: the chunk is framed once for all. */
function publish() {
  const bytes = Buffer.concat(waiting)
  waiting = []
  const frame = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
  for (const watcher of watchers) watcher.write(frame)
}

const server = createServer((request, response) => routes[request.url](request, response))
server.keepAliveTimeout = 180_000
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ http: `http://127.0.0.1:${server.address().port}` })))
process.on('SIGTERM', () => process.exit(0))
