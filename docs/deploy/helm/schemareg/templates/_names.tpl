{{- define "schemareg.name" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "schemareg.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "schemareg.labels" -}}
{{ include "schemareg.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "schemareg.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Values.imageTag | default .Chart.AppVersion }}
{{- end -}}

{{- define "schemareg.brokers" -}}
{{- if .Values.kafka.bootstrapServers -}}
{{ .Values.kafka.bootstrapServers }}
{{- else if .Values.externalKafka.brokers -}}
{{ join "," .Values.externalKafka.brokers }}
{{- else -}}
{{ fail "set kafka.bootstrapServers, such as PLAINTEXT://broker:9092" }}
{{- end -}}
{{- end -}}

{{- define "schemareg.scheme" -}}
{{ ternary "https" "http" (not (empty .Values.auth.tls.existingSecret)) }}
{{- end -}}
