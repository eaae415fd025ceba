// The table: rows as markdown, each figure as the median of its rounds with the least and the most beside it.
const none = '–'

export function table(rows, against) {
  const heads = ['what', 'kubedouble', 'limit', 'ratio', 'CPU for each', 'must be', ...(against ? [against, 'ratio'] : [])]
  const lines = rows.map((row) => [
    row.what,
    figures(row.ours, row.unit),
    figures(row.limit, row.unit),
    shown(row.ratio?.median),
    costs(row.cpu),
    row.must.map((demand) => demandText(demand, row.unit)).join('; '),
    ...(against ? [figures(row.against, row.unit), shown(row.ratioAgainst?.median)] : []),
  ])
  return [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function figures(summary, unit) {
  if (!summary) return none
  const { min, median, max, samples } = summary
  const range = samples.length > 1 ? ` (${shown(min)} – ${shown(max)})` : ''
  return `${withUnit(median, unit)}${range}`
}

function costs({ ours, limit }) {
  if (!ours || Number.isNaN(ours.median)) return ''
  return `${Math.round(ours.median)} µs (limit ${limit ? Math.round(limit.median) : none})`
}

const withUnit = (number, unit) => `${shown(number)}${unit === '/s' || unit === '' ? unit : ` ${unit}`}`

function demandText({ of, atLeast, atMost, isReached }, unit) {
  const bound = `${atLeast === undefined ? '≤' : '≥'} ${of === 'figure' ? withUnit(atLeast ?? atMost, unit) : shown(atLeast ?? atMost)}`
  const what = { figure: '', ratio: ' of the limit', against: ' of the other' }[of]
  return `${bound}${what}: ${isReached ? 'yes' : 'no'}`
}

function shown(number) {
  if (number === undefined || Number.isNaN(number)) return none
  if (Number.isInteger(number) || Math.abs(number) >= 100) return Math.round(number).toLocaleString('en')
  return number.toFixed(Math.abs(number) < 10 ? 2 : 1)
}
