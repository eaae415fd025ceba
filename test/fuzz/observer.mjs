// Observer: inside of the server under test, it answers what cannot be seen from outside: memory in use, what is still open, and
// whether anybody has changed what all objects inherit. Loaded with --import, and heard of only when asked.
const inherited = [Object, Array, Function, String, Number, Boolean, Map, Set, Promise, RegExp, Date, Error, Buffer, Uint8Array, URLSearchParams]
const membersOf = ({ prototype, name }) => [name, Reflect.ownKeys(prototype).map(String).sort().join(' ')]
const before = new Map(inherited.map(membersOf))

function changedPrototypes() {
  const changed = inherited.map(membersOf).filter(([name, members]) => before.get(name) !== members)
  return changed.map(([name, members]) => `${name}.prototype has ${members}`)
}

process.on('message', ({ id, collect }) => {
  // Twice: what finalizers let go of is collected by the second.
  if (collect) for (let round = 0; round < 2; round++) globalThis.gc()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  process.send({ id, heapBytes: heapUsed + external, residentBytes: rss, cpuMillis: (user + system) / 1000, resources, changedPrototypes: changedPrototypes() })
})
// Nobody waits for questions.
process.channel.unref()
