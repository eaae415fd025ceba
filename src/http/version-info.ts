// What /version says.
// Upstream: apimachinery/pkg/version/types.go
import { kubernetesVersion } from '../machinery/index.js'

// Names of Go for what Node calls by other names.
const platforms: Record<string, string> = { win32: 'windows' }
const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' }

/** Differs: commit and date are nobody's, since no such binary was built. */
export function versionInfo(): Record<string, string> {
  const { major, minor, gitVersion, goVersion, minCompatibilityMinor } = kubernetesVersion
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor,
    gitVersion,
    gitCommit: '0'.repeat(40),
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion,
    compiler: 'gc',
    platform: `${platforms[process.platform] ?? process.platform}/${architectures[process.arch] ?? process.arch}`,
  }
}
