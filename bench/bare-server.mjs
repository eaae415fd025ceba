// The limit: node:http that answers with bytes it has, parses what it must and keeps a row in SQLite, and nothing else.
import { createServer } from 'node:http'
import Database from 'better-sqlite3'

const size = Number(process.argv[2])
const item = Buffer.from(`${JSON.stringify({ data: 'x'.repeat(size) })}\n`)
const list = Buffer.concat(new Array(1000).fill(item))
const database = new Database(':memory:')
database.exec('CREATE TABLE log (revision INTEGER PRIMARY KEY, object BLOB) STRICT')
const insert = database.prepare('INSERT INTO log (object) VALUES (?)')
const watchers = new Set()
let waiting = []

const routes = {
  '/GET': (_request, response) => answer(response, item),
  '/LIST': (_request, response) => answer(response, list),
  '/POST': (request, response) => read(request, (object) => answer(response, keep(object))),
  '/EVENT': (request, response) =>
    read(request, (object) => {
      const bytes = keep(object)
      waiting.push(bytes)
      if (waiting.length === 1) setImmediate(publish)
      answer(response, bytes)
    }),
  '/WATCH': (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    watchers.add(response)
    response.once('close', () => watchers.delete(response))
  },
}

function read(request, done) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => done(JSON.parse(Buffer.concat(chunks).toString())))
}

function keep(object) {
  const bytes = Buffer.from(`${JSON.stringify(object)}\n`)
  insert.run(bytes)
  return bytes
}

function publish() {
  const bytes = Buffer.concat(waiting)
  waiting = []
  for (const watcher of watchers) watcher.write(bytes)
}

function answer(response, bytes) {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length })
  response.end(bytes)
}

const server = createServer((request, response) => routes[request.url](request, response))
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ http: `http://127.0.0.1:${server.address().port}` })))
process.on('SIGTERM', () => process.exit(0))
