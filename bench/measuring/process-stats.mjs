// What Linux says of a process: CPU time, which neighbours on the machine change less than rates, and memory.
import { readdirSync, readFileSync } from 'node:fs'

/** Of all threads, to the nanosecond: clock ticks are too coarse for what idles. @returns NaN where it cannot be known: of another's server, and on other systems */
export function cpuMicros({ child }) {
  if (!child || process.platform !== 'linux') return Number.NaN
  const tasks = readdirSync(`/proc/${child.pid}/task`)
  return tasks.reduce((micros, task) => micros + Number(readFileSync(`/proc/${child.pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000, 0)
}

/** @param field of /proc/<pid>/status: `VmRSS`, `RssAnon`, `VmHWM` */
export function memoryMiB({ child }, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
}
