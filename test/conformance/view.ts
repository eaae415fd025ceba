// View: the part of an answer that a recording holds: a path, a name from `namedViews`, or an object of views.
import { namedViews } from './named-views.js'
import { readPath } from './path.js'

export type View = string | { [name: string]: View }

/** Members that nothing stands for stay undefined; whoever prints the view loses them. */
export function viewOf(body: unknown, view: View): unknown {
  if (typeof view !== 'string') return Object.fromEntries(Object.entries(view).map(([name, part]) => [name, viewOf(body, part)]))
  if (view.startsWith('.')) return readPath(body, view)
  const named = namedViews[view]
  if (!named) throw new Error(`no such view: ${view}`)
  return named(body)
}
