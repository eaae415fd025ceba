// Bare TLS: answers with bytes it has, speaking HTTP/1.1 alone (`one`), or HTTP/2 as well (`both`).
//   node bench/limits/secure.mjs one|both <file with key and certificate> <bytes of the answer>
import { readFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import { createServer } from 'node:https'

const [versions, path, size] = process.argv.slice(2)
const pem = readFileSync(path, 'utf8')
const body = Buffer.alloc(Number(size), 'x')
const answer = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length })
  response.end(body)
}
const tls = { key: pem, cert: pem }
const server = versions === 'both' ? createSecureServer({ ...tls, allowHTTP1: true }, answer) : createServer(tls, answer)
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ https: `https://127.0.0.1:${server.address().port}` })))
process.on('SIGTERM', () => process.exit(0))
