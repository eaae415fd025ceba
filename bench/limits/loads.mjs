// The limit of a start: a process that loads fastify and better-sqlite3, its native part included, and says so.
import Database from 'better-sqlite3'
import fastify from 'fastify'

new Database(':memory:').close()
console.log(JSON.stringify({ loaded: [typeof Database, typeof fastify] }))
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 1_000_000)
