// The objects that are written and read: of the size that real ones have.

/** 1.4 KB of JSON with what a server adds. */
export const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { generateName: 'bench-', labels: { app: 'bench' } },
  data: { value: 'x'.repeat(1200) },
}

/** What a small real pod weighs: 1.4 KB. */
export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'bench-', labels: { app: 'bench', tier: 'backend', 'app.kubernetes.io/name': 'bench' }, annotations: { note: 'x'.repeat(300) } },
  spec: {
    containers: [1, 2].map((index) => ({
      name: `main-${index}`,
      image: 'registry.example.com/team/service:1.2.3',
      ports: [{ name: `http-${index}`, containerPort: 8080 + index }],
      env: [
        { name: 'A', value: 'one' },
        { name: 'B', value: 'two' },
      ],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
      readinessProbe: { httpGet: { path: '/ready', port: `http-${index}` }, periodSeconds: 5 },
    })),
  },
}

/** 3 KB, as a chart makes them. @param sequence goes into the template */
export function deployment(name, sequence = '') {
  const labels = { 'app.kubernetes.io/name': 'bench', 'app.kubernetes.io/instance': name, 'app.kubernetes.io/managed-by': 'bench' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels, annotations: { 'example.com/description': 'x'.repeat(300) } },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: { labels, annotations: { 'example.com/sequence': sequence } },
        spec: { serviceAccountName: 'default', terminationGracePeriodSeconds: 30, containers: ['main', 'proxy'].map(containerOf), volumes },
      },
    },
  }
}

const volumes = [
  { name: 'settings', configMap: { name: 'settings' } },
  { name: 'cache', emptyDir: {} },
]

function containerOf(name, index) {
  return {
    name,
    image: `registry.example.com/team/${name}:1.2.3`,
    ports: [{ name: `http-${index}`, containerPort: 8080 + index, protocol: 'TCP' }],
    env: ['MODE', 'REGION', 'LEVEL', 'TARGET', 'ENDPOINT'].map((each) => ({ name: each, value: `${each.toLowerCase()}-value-of-the-deployment` })),
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: `http-${index}` }, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 },
    livenessProbe: { httpGet: { path: '/live', port: `http-${index}` }, initialDelaySeconds: 10, periodSeconds: 10 },
    volumeMounts: [
      { name: 'settings', mountPath: '/etc/settings', readOnly: true },
      { name: 'cache', mountPath: '/var/cache' },
    ],
    securityContext: { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
}
