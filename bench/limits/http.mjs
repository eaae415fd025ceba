// The limit of requests: node:http that reads what it must, answers with what it was given before, and nothing else.
//   node bench/limits/http.mjs [<SQLite file that keeps what is sent to /keep>]
import { createServer } from 'node:http'
import Database from 'better-sqlite3'

const json = { 'Content-Type': 'application/json' }
// As the server that is measured: one header more or less is a few bytes for each answer.
const keepAliveMillis = 180_000

let prepared = { headers: json, bytes: Buffer.alloc(0), object: {} }

const routes = {
  /** Takes what the other routes answer with: `{ headers, text }`. */
  '/prepare': (request, response) =>
    read(request, ({ headers, text, isObject }) => {
      prepared = { headers: headers ?? json, bytes: Buffer.from(text), object: isObject ? JSON.parse(text) : {} }
      answer(response, Buffer.from('{}'))
    }),
  /** The bytes as they are. */
  '/bytes': (_request, response) => answer(response, prepared.bytes, prepared.headers),
  /** What was sent, taken apart and printed again. */
  '/echo': (request, response) => read(request, (object) => answer(response, Buffer.from(JSON.stringify(object)))),
  /** What was sent is taken apart; what was prepared is printed. */
  '/answer': (request, response) => read(request, () => answer(response, Buffer.from(JSON.stringify(prepared.object)))),
  /** The echo, with a row in a file. */
  '/keep': (request, response) =>
    read(request, (object) => {
      const bytes = Buffer.from(JSON.stringify(object))
      insert.run(bytes)
      answer(response, bytes)
    }),
}

const insert = process.argv[2] && openLog(process.argv[2])

/** As careful with its file as the server that is measured. */
function openLog(path) {
  const database = new Database(path)
  database.pragma('locking_mode = EXCLUSIVE')
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  database.exec('CREATE TABLE log (revision INTEGER PRIMARY KEY, object BLOB) STRICT')
  return database.prepare('INSERT INTO log (object) VALUES (?)')
}

function read(request, done) {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => done(JSON.parse(Buffer.concat(chunks).toString())))
}

function answer(response, bytes, headers = json) {
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length })
  response.end(bytes)
}

const server = createServer({ keepAliveTimeout: keepAliveMillis }, (request, response) => routes[request.url](request, response))
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ http: `http://127.0.0.1:${server.address().port}` })))
process.on('SIGTERM', () => process.exit(0))
