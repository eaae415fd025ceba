// Placeholders stand for what no two servers share: names made up, times, identities, addresses. They are numbered by
// first appearance within one recording, so that "the same address again" stays visible.
import { isObject, type Plain } from '../../src/machinery/index.js'

const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
const madeUpName = /(generateName|name) "([a-z0-9.-]+-)[a-z0-9]{5}"/g
const addressOrPort = /\b(?:\d+\.\d+\.\d+\.\d+|3\d{4})\b/g
const wholeAddress = /^\d+\.\d+\.\d+\.\d+$/
const nodePortMin = 30_000

export class Placeholders {
  readonly #namespace: string
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor({ namespace }: { namespace: string }) {
    this.#namespace = namespace
  }

  /** A copy of the answer with placeholders in it. */
  putInto(value: unknown): unknown {
    return this.#walk(value, '', undefined)
  }

  #walk(value: unknown, key: string, parent: Plain | undefined): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#walk(each, key, parent))
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [this.#inText(name), this.#walk(each, name, value)]))
    if (typeof value === 'number') return this.#isNodePort(key, value) ? this.#numbered('nodePort', String(value)) : value
    return typeof value === 'string' ? this.#inMember(value, key, parent) : value
  }

  #isNodePort(key: string, value: number): boolean {
    return key === 'healthCheckNodePort' || (key === 'nodePort' && value >= nodePortMin)
  }

  #inMember(value: string, key: string, parent: Plain | undefined): string {
    switch (key) {
      case 'description':
        if (parent && 'priority' in parent && 'format' in parent) return '<text>' // the prose of a table's column
        break
      case 'resourceVersion':
      case 'metadata.resourceVersion':
        return value === '' || value === '0' ? value : '<rv>'
      case 'continue':
        return value && '<continue>'
      case 'clusterIP':
      case 'clusterIPs':
        if (wholeAddress.test(value)) return this.#numbered('clusterIP', value)
        return value
      case 'name':
      case 'instance':
        if (parent?.generateName && value.startsWith(parent.generateName)) return `${parent.generateName}<rand>`
    }
    return this.#inText(value)
  }

  #inText(text: string): string {
    return text
      .replaceAll(this.#namespace, '<namespace>')
      .replace(uid, (found) => this.#numbered('uid', found))
      .replace(time, '<time>')
      .replace(madeUpName, '$1 "$2<rand>"')
      .replace(addressOrPort, (found) => this.#known.get(`clusterIP ${found}`) ?? this.#known.get(`nodePort ${found}`) ?? found)
  }

  #numbered(kind: string, value: string): string {
    const known = this.#known.get(`${kind} ${value}`)
    if (known) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const placeholder = `<${kind}-${count}>`
    this.#known.set(`${kind} ${value}`, placeholder)
    return placeholder
  }
}
