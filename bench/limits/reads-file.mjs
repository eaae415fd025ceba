// The limit of reopening: better-sqlite3 that reads every row of the log and parses none.
//   node bench/limits/reads-file.mjs <SQLite file>
import Database from 'better-sqlite3'

const database = new Database(process.argv[2], { readonly: true })
let [rows, bytes] = [0, 0]
for (const { object } of database.prepare('SELECT * FROM log ORDER BY revision').iterate()) {
  rows++
  bytes += object.length
}
database.close()
console.log(JSON.stringify({ rows, bytes }))
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 1_000_000)
