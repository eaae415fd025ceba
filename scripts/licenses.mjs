// Under which terms the code of others may become part of this package or be installed with it.

// Permissive: keep the notice, nothing more. What else comes along is decided here, by a person.
const accepted = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'])

/** @param expression of SPDX, one level deep: `MIT`, `(MIT OR WTFPL)`, `(MIT AND Zlib)` */
export function isAccepted(expression) {
  if (typeof expression !== 'string') return false
  const [, inner] = /^\((.*)\)$/.exec(expression) ?? [undefined, expression]
  const alternatives = inner.split(' OR ')
  return alternatives.some((alternative) => alternative.split(' AND ').every((license) => accepted.has(license)))
}

/** @param packages with name, version and license */
export function refuseUnknownLicenses(packages) {
  const refused = packages.filter(({ license }) => !isAccepted(license)).map(({ name, version, license }) => `${name} ${version} (${license})`)
  if (refused.length > 0) throw new Error(`scripts/licenses.mjs does not accept the license of ${refused.join(', ')}`)
}
