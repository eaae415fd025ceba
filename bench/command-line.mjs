// The command line of the bench: what is measured, how long, how often, and beside whom.
import { parseArgs } from 'node:util'

const options = {
  only: { type: 'string' },
  all: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '1.5' },
  rounds: { type: 'string', default: '3' },
  json: { type: 'string' },
  against: { type: 'string' },
  token: { type: 'string' },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
}

const help = `npm run bench -- [options]
  --only a,b        these scenarios, long ones as well
  --all             all of them
  --list            what there is
  --seconds N       of one measurement (1.5)
  --rounds N        of each contender, by turns (3)
  --json FILE       everything that was measured
  --against URL     another server, over http or https, as the third contender
  --token T         its bearer token`

/** @returns what is to be measured, or `text` to print and whether it is a problem */
export function readCommandLine(args, scenarios) {
  try {
    const { values } = parseArgs({ args, options })
    if (values.help) return { text: help }
    if (values.list) return { text: scenarios.map(({ name, text, isLong }) => `${name.padEnd(18)} ${text}${isLong ? ' (minutes)' : ''}`).join('\n') }
    const [seconds, rounds] = [positive(values, 'seconds'), Math.ceil(positive(values, 'rounds'))]
    return { seconds, rounds, json: values.json, other: otherOf(values), chosen: chosenOf(values, scenarios) }
  } catch (error) {
    return { text: `${error.message}\n\n${help}`, isProblem: true }
  }
}

function positive(values, name) {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} ${values[name]}: must be a number above 0`)
  return number
}

function otherOf({ against, token }) {
  if (!against) {
    if (token) throw new Error('--token belongs to --against')
    return undefined
  }
  if (!/^https?:\/\//.test(against) || !URL.canParse(against)) throw new Error(`--against ${against}: must be an http or https URL`)
  return { url: against, token }
}

function chosenOf({ only, all }, scenarios) {
  if (all) return scenarios
  if (only === undefined) return scenarios.filter(({ isLong }) => !isLong)
  const names = only.split(',')
  const unknown = names.find((each) => !scenarios.some(({ name }) => name === each))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such scenario, see --list`)
  return scenarios.filter(({ name }) => names.includes(name))
}
