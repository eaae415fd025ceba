// Reopening a file: from the command to the ready line, and to the first answer.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { requestBytes } from '../client/connection.mjs'
import { load } from '../client/load.mjs'
import { only } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { configMap, pod } from '../objects.mjs'

const objects = 150_000
const batch = 10_000
// Nobody schedules pods: one row each.
const words = ['--controllers', '*,-kube-scheduler']

const reopening = (name, resource, object) => ({
  name,
  text: `a start with --data and 150,000 ${resource} of 1.4 KB, beside better-sqlite3 that reads every row`,
  isLong: true,
  async run(stand) {
    const { processes } = stand
    const file = join(stand.scratch, `${name}.db`)
    const options = ['--data', file, ...words]
    const path = await fill(stand, options, resource, object)
    stand.note(`${Math.round(statSync(file).size / 2 ** 20)} MiB`)
    const taken = await stand.byTurns({
      ours: () => reopen(stand, options, path),
      limit: async () => {
        const reader = await processes.limit('reads-file', file)
        await reader.end()
        return { ready: reader.readyMillis / 1000, answered: reader.readyMillis / 1000 }
      },
    })
    const what = `reopening 150,000 ${resource}`
    return [
      row({ what: `${what}: ready`, unit: 's', ...only(taken, 'ready'), must: { figure: { atMost: 3 } } }),
      row({ what: `${what}: first get answered`, unit: 's', ...only(taken, 'answered'), must: { figure: { atMost: 3 } } }),
    ]
  },
})

export const reopens = [reopening('reopen', 'configmaps', configMap), reopening('reopen-pods', 'pods', pod)]

/** @returns the path of one of them */
async function fill(stand, options, resource, object) {
  const { ours } = await stand.contenders({ options, withOther: false })
  const { server, api, namespace } = ours
  const collection = `/api/v1/namespaces/${namespace}/${resource}`
  const request = requestBytes(server, 'POST', collection, { body: JSON.stringify(object) })
  for (let done = 0; done < objects; done += batch) {
    await load(server, { request: () => request, count: Math.min(batch, objects - done) })
    stand.note(`${Math.min(done + batch, objects)} of ${objects}`)
  }
  const { items } = await api.get(`${collection}?limit=1`)
  await server.end()
  return `${collection}/${items[0].metadata.name}`
}

/** @returns seconds from the command */
async function reopen(stand, options, path) {
  const began = performance.now()
  const server = await stand.processes.serve(options)
  await stand.api(server).get(path)
  const answered = (performance.now() - began) / 1000
  await server.end()
  return { ready: server.readyMillis / 1000, answered }
}
