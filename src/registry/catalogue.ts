// Which definitions are served. Discovery and OpenAPI are derived from it.
import type { ResourceDefinition } from '../machinery/index.js'

export class Catalogue {
  readonly #byPath = new Map<string, ResourceDefinition>()
  readonly #byKind = new Map<string, ResourceDefinition>()
  readonly #definitions: readonly ResourceDefinition[]

  constructor(definitions: readonly ResourceDefinition[]) {
    this.#definitions = definitions
    for (const definition of definitions) {
      this.#byPath.set(`${definition.apiVersion}/${definition.plural}`, definition)
      this.#byKind.set(`${definition.apiVersion}/${definition.kind}`, definition)
    }
  }

  definitions(): readonly ResourceDefinition[] {
    return this.#definitions
  }

  /** @param apiVersion `v1` or `apps/v1` */
  find(apiVersion: string, plural: string): ResourceDefinition | undefined {
    return this.#byPath.get(`${apiVersion}/${plural}`)
  }

  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`)
  }

  hasGroupVersion(apiVersion: string): boolean {
    return this.#definitions.some((definition) => definition.apiVersion === apiVersion)
  }
}
