// Names that follow rules of their own: host names with a wildcard, names that are parts of a URL.
// Upstream: apimachinery/pkg/util/validation IsWildcardDNS1123Subdomain, apimachinery/pkg/api/validation/path

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** What is wrong with `*.example.com`, as texts. */
export function validateWildcardSubdomain(name: string): string[] {
  const errors: string[] = []
  if (name.length > 253) return ['must be no more than 253 bytes']
  if (!wildcard.test(name)) {
    errors.push(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    )
  }
  return errors
}

/** What is wrong with a name that only has to fit into a path, as texts: roles may be called `system:node`. */
export function validatePathSegment(name: string, prefix: boolean): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}
