// Host names with a wildcard.
// Upstream: apimachinery/pkg/util/validation IsWildcardDNS1123Subdomain

const wildcard = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** What is wrong with `*.example.com`, as texts. */
export function validateWildcardSubdomain(name: string): string[] {
  const errors: string[] = []
  if (name.length > 253) return ['must be no more than 253 characters']
  if (!wildcard.test(name)) {
    errors.push(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    )
  }
  return errors
}
