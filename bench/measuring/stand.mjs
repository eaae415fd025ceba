// The stand: what a scenario measures with. It knows how long and how often, starts servers, and clears away what a scenario has left.
import { Api } from '../client/api.mjs'
import { byTurns } from './rounds.mjs'

const kinds = ['/apis/apps/v1/#/deployments', '/api/v1/#/pods', '/api/v1/#/services', '/api/v1/#/configmaps']

export class Stand {
  /** Seconds of one measurement. */
  seconds
  rounds
  /** A folder of its own. */
  scratch
  processes
  /** `{ url, token }` of the other server, if there is one. */
  other
  #apis = []
  #used = []
  #namespaces = 0
  #scenario = ''

  constructor({ seconds, rounds, scratch, processes, other }) {
    Object.assign(this, { seconds, rounds, scratch, processes, other })
  }

  /** A client for what is done once. */
  api(server) {
    const api = new Api(server)
    this.#apis.push(api)
    return api
  }

  /**
   * Our server, and the other one if there is one, with a namespace of the same name in each.
   * @param options more words of the command line
   * @param prepare is given `{ api, namespace, server }` for each
   * @returns ours and other: what `prepare` gave, with `server`, `api` and `namespace`
   */
  async contenders({ options = [], prepare = async () => ({}), withOther = true } = {}) {
    const namespace = `bench-${process.pid}-${++this.#namespaces}`
    const made = async (server) => {
      const api = this.api(server)
      await makeNamespace(api, namespace)
      return { server, api, namespace, ...(await prepare({ server, api, namespace })) }
    }
    const ours = await made(await this.processes.serve(options))
    if (!this.other || !withOther) return { ours }
    this.#used.push(namespace)
    return { ours, other: await made(this.other) }
  }

  byTurns(lanes, rounds = this.rounds) {
    return byTurns(rounds, lanes, (round) => this.note(`round ${round + 1} of ${rounds}`))
  }

  /** Says on stderr what is going on. */
  note(text) {
    console.error(`  ${this.#scenario}: ${text}`)
  }

  begin(scenario) {
    this.#scenario = scenario
  }

  async clear() {
    for (const namespace of this.#used.splice(0)) await this.#removeNamespace(namespace)
    for (const api of this.#apis.splice(0)) api.close()
    await this.processes.endAll()
  }

  /** A server without controllers empties no namespace. */
  async #removeNamespace(namespace) {
    const api = this.api(this.other)
    for (const kind of kinds) {
      const path = kind.replace('#', `namespaces/${namespace}`)
      if (path.endsWith('/services')) {
        for (const { metadata } of (await api.get(path)).items) await api.send('DELETE', `${path}/${metadata.name}`)
      } else await api.send('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 })
    }
    await api.send('DELETE', `/api/v1/namespaces/${namespace}`)
  }
}

/** With its service account, which admission of pods wants and a server without controllers does not make. */
async function makeNamespace(api, name) {
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  await api.create(`/api/v1/namespaces/${name}/serviceaccounts`, account).catch((error) => {
    if (!error.message.includes('409')) throw error
  })
}
