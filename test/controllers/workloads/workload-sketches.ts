// Workloads in few words.
import type { Plain } from '../../../src/machinery/index.js'

export function template(app: string, image = 'nginx:1', spec: Plain = {}): Plain {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image }], ...spec } }
}

/** Of any kind that has a selector and a template. */
export function workload(name: string, spec: Plain = {}): Plain {
  return { metadata: { name }, spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec } }
}
