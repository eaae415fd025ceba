// Creates: in memory, in a file, and of pods, beside a server that parses the body and echoes it.
import { join } from 'node:path'
import { requestBytes } from '../client/connection.mjs'
import { configMap, pod } from '../objects.mjs'
import { rateRow, rates } from './rates.mjs'

export const create = {
  name: 'create',
  text: 'creates of a 1.4 KB ConfigMap in memory, beside a server that echoes',
  async run(stand) {
    const { ours, other } = await stand.contenders()
    const limit = await stand.processes.limit('http')
    const taken = await rates(stand, {
      ours: creates(ours, 'configmaps', configMap),
      limit: echoes(limit, configMap),
      against: creates(other, 'configmaps', configMap),
    })
    return [rateRow({ what: 'create of 1.4 KB, in memory', ...taken, must: { ratio: { atLeast: 0.35 }, against: { atLeast: 10 } } })]
  },
}

export const createPod = {
  name: 'create-pod',
  text: 'creates of a 1.4 KB pod that nobody schedules, beside creates of a ConfigMap and beside a server that echoes',
  async run(stand) {
    const { ours, other } = await stand.contenders({ options: ['--controllers', '*,-kube-scheduler'] })
    const limit = await stand.processes.limit('http')
    const { configMaps, ...taken } = await rates(stand, {
      ours: creates(ours, 'pods', pod),
      configMaps: creates(ours, 'configmaps', configMap),
      limit: echoes(limit, pod),
      against: creates(other, 'pods', pod),
    })
    return [
      rateRow({ what: 'create of a 1.4 KB pod, in memory', ...taken }),
      rateRow({ what: 'create of a 1.4 KB pod, beside a ConfigMap', ours: taken.ours, limit: configMaps }),
    ]
  },
}

export const createFile = {
  name: 'create-file',
  text: 'creates of a 1.4 KB ConfigMap with --data FILE, beside the same in memory and beside a server that echoes',
  async run(stand) {
    const { ours } = await stand.contenders({ withOther: false })
    const { ours: kept } = await stand.contenders({ options: ['--data', join(stand.scratch, 'creates.db')], withOther: false })
    const limit = await stand.processes.limit('http', join(stand.scratch, 'echoes.db'))
    const taken = await rates(stand, {
      ours: creates(kept, 'configmaps', configMap),
      memory: creates(ours, 'configmaps', configMap),
      echo: echoes(limit, configMap),
      keep: { server: limit, request: always(requestBytes(limit, 'POST', '/keep', { body: JSON.stringify(configMap) })) },
    })
    const beside = (what, limitOf, must) => rateRow({ what: `create of 1.4 KB, in a file, beside ${what}`, ours: taken.ours, limit: limitOf, must })
    return [
      beside('in memory', taken.memory, { ratio: { atLeast: 0.7 } }),
      beside('an echo', taken.echo),
      beside('an echo that keeps a row in SQLite', taken.keep),
    ]
  },
}

const always = (bytes) => () => bytes

function creates(contender, resource, object) {
  if (!contender) return undefined
  const { server, namespace } = contender
  return { server, request: always(requestBytes(server, 'POST', `/api/v1/namespaces/${namespace}/${resource}`, { body: JSON.stringify(object) })) }
}

const echoes = (server, object) => ({ server, request: always(requestBytes(server, 'POST', '/echo', { body: JSON.stringify(object) })) })
