{{- define "metadata" -}}
name: {{ .Release.Name }}
labels: { app.kubernetes.io/managed-by: {{ .Release.Service }} }
{{- end }}
