// The Accept header: what a client wants to have, what it wants most first.
// Upstream: github.com/munnerz/goautoneg ParseAccept

export interface Clause {
  /** As written: `application/json`, `application/*`. */
  type: string
  parameters: Record<string, string>
  quality: number
}

/** In the order of preference. What a quality of 0 rules out stands last, and is still there: upstream takes it when there is nothing else. */
export function clausesOf(accept: string): Clause[] {
  const clauses = accept.split(',').flatMap((text) => parseClause(text) ?? [])
  return clauses.length <= insertedMax ? inserted(clauses) : clauses.sort((one, other) => other.quality - one.quality || wildcardsIn(one) - wildcardsIn(other))
}

// So few Go sorts by insertion, which tells where a clause comes to stand whose quality says one thing and whose wildcards
// another: the order is none that could be relied on. Of more nobody can foresee what Go does.
const insertedMax = 12

function inserted(clauses: Clause[]): Clause[] {
  for (let last = 1; last < clauses.length; last++) {
    for (let at = last; at > 0 && isBefore(clauses[at], clauses[at - 1]); at--) [clauses[at], clauses[at - 1]] = [clauses[at - 1], clauses[at]]
  }
  return clauses
}

const isBefore = (one: Clause, other: Clause) =>
  one.quality > other.quality || (isAnyType(other) && !isAnyType(one)) || (isAnySubtype(other) && !isAnySubtype(one))

const isAnyType = ({ type }: Clause) => type.startsWith('*/')
const isAnySubtype = ({ type }: Clause) => type.endsWith('/*')
const wildcardsIn = (clause: Clause) => Number(isAnyType(clause)) + Number(isAnySubtype(clause))

/** Nothing for what has no two halves. */
function parseClause(text: string): Clause | undefined {
  const [head, ...rest] = text.split(';')
  const [type, subtype, ...more] = head.split('/').map(withoutSpaces)
  if (more.length || (!subtype && type !== '*')) return undefined
  const parameters: Record<string, string> = {}
  let quality = 1
  for (const part of rest) {
    const [name, value, ...surplus] = part.split('=')
    if (!value || surplus.length) continue
    if (withoutSpaces(name) === 'q') quality = numberOf(value)
    else parameters[withoutSpaces(name)] = withoutSpaces(value)
  }
  return { type: `${type}/${subtype || '*'}`, parameters, quality }
}

const withoutSpaces = (text: string) => text.replace(/^ +/, '').replace(/(?<! ) +$/, '')

/** What is no number is 0. */
function numberOf(text: string): number {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Math.fround(Number(text)) : 0
}
