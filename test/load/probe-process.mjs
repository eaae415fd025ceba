// A steady client in a process of its own, which the load does not slow down: one GET after the other on one connection, and how long each took.
import http from 'node:http'

const [url] = process.argv.slice(2)
const everyMillis = 10
// What takes so long has not been answered.
const waitMillisMax = 10_000
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
let millis = []
let failures = []

process.on('message', (message) => {
  if (message === 'end') {
    const sorted = millis.sort((one, other) => one - other)
    const at = (share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0
    process.send?.({ count: sorted.length, median: at(0.5), p99: at(0.99), max: at(1), failures })
  }
  millis = []
  failures = []
})
process.on('disconnect', () => process.exit(0))
while (await ask()) await new Promise((resolve) => setTimeout(resolve, everyMillis))
process.send?.('ready')
for (;;) {
  const began = performance.now()
  const failure = await ask()
  if (failure) failures.push(failure)
  else millis.push(performance.now() - began)
  await new Promise((resolve) => setTimeout(resolve, everyMillis))
}

/** @returns what was wrong */
function ask() {
  return new Promise((resolve) => {
    const request = http.get(url, { agent, timeout: waitMillisMax }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`))
      response.on('error', (error) => resolve(String(error)))
    })
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', (error) => resolve(String(error)))
  })
}
