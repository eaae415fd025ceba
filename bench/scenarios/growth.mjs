// Growth: the same work on two servers by turns, of which one holds a hundred and fifty times as much.
import { requestBytes } from '../client/connection.mjs'
import { openLines } from '../client/lines.mjs'
import { load } from '../client/load.mjs'
import { median, only, pause, within } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { configMap } from '../objects.mjs'
import { namespaceOf, podPath, populate, readiness } from './population.mjs'
import { openFan } from './watches.mjs'

const each = { pods: 1000, services: 60 }
const [small, large] = [
  { ...each, namespaces: 1, nodes: 34 },
  { ...each, namespaces: 150, nodes: 5000 },
]
const watchers = 100
const writesPerSecond = 100
const changes = 40
const changeMillisMax = 10_000
// The large one has done much more before: both are to have compiled what they do.
const warmUpSeconds = 5
const works = ['create', 'get', 'watch', 'change']

export const growth = {
  name: 'growth',
  text: 'create, get, watch and the change of one pod with 150,000 pods, beside the same with 1,000',
  isLong: true,
  async run(stand) {
    const lanes = { ours: await contender(stand, large), limit: await contender(stand, small) }
    stand.note('both warm up')
    for (const lane of Object.values(lanes)) for (const work of works) await lane[work](warmUpSeconds)
    const taken = {}
    for (const work of works) {
      stand.note(work)
      taken[work] = await stand.byTurns({ ours: () => lanes.ours[work](stand.seconds), limit: () => lanes.limit[work](stand.seconds) })
    }
    const [asFast, asSoon] = [{ ratio: { atLeast: 0.8 } }, { ratio: { atMost: 1.2 } }]
    const what = 'at 150,000 pods beside 1,000'
    return [
      row({ what: `create of 1.4 KB, ${what}`, unit: '/s', ...taken.create, must: asFast }),
      row({ what: `get of a pod, ${what}`, unit: '/s', ...taken.get, must: asFast }),
      row({ what: `watch by ${watchers}: write to client, p50, ${what}`, unit: 'ms', ...only(taken.watch, 'p50'), must: asSoon }),
      row({ what: `watch by ${watchers}: write to client, p99, ${what}`, unit: 'ms', ...only(taken.watch, 'p99') }),
      row({ what: `one pod changes: until its slice is told, ${what}`, unit: 'ms', ...taken.change, must: asSoon }),
    ]
  },
}

/** What is done with one of the two, each for so many seconds. */
async function contender(stand, size) {
  const { ours } = await stand.contenders({ withOther: false })
  const { server, api, namespace } = ours
  stand.note(`${size.namespaces * size.pods} pods`)
  await populate(stand, ours, size)
  const pods = `/api/v1/namespaces/${namespaceOf(0)}/pods`
  const fan = await openFan(
    {
      server,
      watchPath: async () => `${pods}?watch=1&resourceVersion=${await api.revision()}`,
      write: (sequence) => requestBytes(server, 'PATCH', podPath(0, 1), annotation(sequence)),
    },
    watchers,
  )
  const create = requestBytes(server, 'POST', `/api/v1/namespaces/${namespace}/configmaps`, { body: JSON.stringify(configMap) })
  const get = requestBytes(server, 'GET', podPath(0, 1))
  const rate = async (request, seconds) => (await load(server, { request: () => request, seconds })).rate
  return {
    create: (seconds) => rate(create, seconds),
    get: (seconds) => rate(get, seconds),
    watch: (seconds) => fan.measure({ seconds, perSecond: writesPerSecond, note: (text) => stand.note(text) }),
    change: () => changeMillis(ours),
  }
}

const annotation = (sequence) => ({
  body: JSON.stringify({ metadata: { annotations: { sequence: String(sequence) } } }),
  contentType: 'application/merge-patch+json',
})

/** A pod becomes unready and ready again. @returns the median of what it takes until a slice is told */
async function changeMillis({ server, api }) {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespaceOf(0)}/endpointslices`
  let told = () => {}
  const watch = await openLines(server, `${path}?watch=1&resourceVersion=${await api.revision()}`, (_line, at) => told(at))
  const millis = []
  for (let index = 0; index < changes; index++) {
    const come = new Promise((resolve) => {
      told = resolve
    })
    const began = performance.now()
    const patched = api.send('PATCH', `${podPath(0, 7)}/status`, readiness(index % 2 === 1), 'application/merge-patch+json')
    millis.push((await within(changeMillisMax, come, 'the slice of a pod is told')) - began)
    await patched
    await pause(10)
  }
  watch.close()
  return median(millis)
}
