// The Kubernetes that is imitated: named here and nowhere else.

export const kubernetesVersion = Object.freeze({ major: '1', minor: '35', gitVersion: 'v1.35.4', goVersion: 'go1.25.8', minCompatibilityMinor: '34' })
