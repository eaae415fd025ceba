export function isAccepted(expression: unknown): boolean
export function refuseUnknownLicenses(packages: readonly { name: string; version: string; license?: string }[]): void
