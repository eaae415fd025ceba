// The CPU time of a server, which neighbours on the machine change less than rates.
import { readFileSync } from 'node:fs'

// In clock ticks, of which Linux has a hundred a second.
export function cpuMicros({ child }) {
  const [user, system] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).map(Number)
  return (user + system) * 10_000
}
