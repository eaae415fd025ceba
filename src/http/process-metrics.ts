// What the process takes, read when it is asked for: nothing runs between.
import { readdirSync } from 'node:fs'
import type { Family } from './metrics.js'

const startedAtSeconds = Date.now() / 1000 - process.uptime()

export function processMetrics(): Family[] {
  const { user, system } = process.cpuUsage()
  const openFiles = countOpenFiles()
  return [
    single('process_cpu_seconds_total', 'Time on the processor, user and system.', (user + system) / 1e6, 'counter'),
    single('process_resident_memory_bytes', 'Memory that is resident.', process.memoryUsage.rss()),
    single('process_start_time_seconds', 'When the process began, in seconds since the epoch.', startedAtSeconds),
    ...(openFiles === undefined ? [] : [single('process_open_fds', 'Open file descriptors.', openFiles)]),
  ]
}

function single(name: string, help: string, value: number, type: Family['type'] = 'gauge'): Family {
  return { name, help, type, values: [{ labels: {}, value }] }
}

/** Only Linux tells. */
function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}
