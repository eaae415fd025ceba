// What Linux says of a process: CPU time, which neighbours on the machine change less than rates, and memory.
import { readFileSync } from 'node:fs'

/** In clock ticks, of which Linux has a hundred a second. @returns NaN where it cannot be known: of another's server, and on other systems */
export function cpuMicros({ child }) {
  if (!child || process.platform !== 'linux') return Number.NaN
  const [user, system] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number)
  return (user + system) * 10_000
}

/** @param field of /proc/<pid>/status: `VmRSS`, `RssAnon`, `VmHWM` */
export function memoryMiB({ child }, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
}
