// A server that nobody asks anything: memory, CPU time, and what it writes.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { cpuMicros, memoryMiB } from '../measuring/process-stats.mjs'
import { pause } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'

// V8 collects what a start has left eight seconds after it.
const settleSeconds = 12
const idleSeconds = 20

export const idle = {
  name: 'idle',
  text: `memory after ${settleSeconds} s, then CPU time and writes of ${idleSeconds} s`,
  async run(stand) {
    const { processes } = stand
    const file = join(stand.scratch, 'idle.db')
    const limit = await processes.limit('http')
    const ours = await processes.serve()
    const kept = await processes.serve(['--data', file])
    await pause(settleSeconds * 1000)
    const memory = (field) => ({ ours: [memoryMiB(ours, field)], limit: [memoryMiB(limit, field)] })
    const [resident, own] = [memory('VmRSS'), memory('RssAnon')]
    const servers = [ours, kept, ...(stand.other ? [stand.other] : [])]
    const revisions = () => Promise.all(servers.map((server) => stand.api(server).revision()))
    const before = await revisions()
    // What the questions have cost is over.
    await pause(1000)
    const files = stateOf(file)
    stand.note(`${idleSeconds} s of nothing`)
    const [cpuOurs, cpuLimit] = await Promise.all([ours, limit].map(idleCPU))
    const touched = files === stateOf(file) ? 0 : 1
    const after = await revisions()
    const [writes, writesKept, writesOther] = after.map((revision, index) => [revision - before[index]])
    return [
      row({ what: 'idle: resident', unit: 'MiB', ...resident, must: { figure: { atMost: 80 } } }),
      row({ what: 'idle: resident, of its own (not mapped files)', unit: 'MiB', ...own }),
      row({ what: `idle: CPU of ${idleSeconds} s`, unit: '%', ours: [cpuOurs], limit: [cpuLimit], must: { figure: { atMost: 0.1 } } }),
      row({ what: `idle: rows written in ${idleSeconds} s`, ours: writes, against: writesOther, must: { figure: { atMost: 0 } } }),
      row({ what: `idle with --data: rows written in ${idleSeconds} s`, ours: writesKept, must: { figure: { atMost: 0 } } }),
      row({ what: `idle with --data: files touched in ${idleSeconds} s`, ours: [touched], must: { figure: { atMost: 0 } } }),
    ]
  },
}

async function idleCPU(server) {
  const [before, began] = [cpuMicros(server), performance.now()]
  await pause(idleSeconds * 1000)
  return ((cpuMicros(server) - before) / 1000 / (performance.now() - began)) * 100
}

/** Sizes and times of the file and of the log that belongs to it. */
function stateOf(file) {
  return [file, `${file}-wal`]
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .map((found) => `${found?.size} ${found?.mtimeMs}`)
    .join()
}
