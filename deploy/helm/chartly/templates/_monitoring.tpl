{{/* One job for each component that runs, its pods found by DNS: no access to the cluster's API is needed. */}}
{{- define "chartly.scrapeConfig" -}}
{{- $structure := include "chartly.structure" . | fromJson -}}
global:
  scrape_interval: 15s
  scrape_timeout: 10s
  evaluation_interval: 15s
rule_files:
  - /etc/prometheus-rules/*.yml
{{- with .Values.monitoring.alertmanager }}
alerting:
  alertmanagers:
    - static_configs:
        - targets: [{{ . | quote }}]
{{- end }}
scrape_configs:
{{- range $name, $fixed := $structure.components }}
{{- if (index $.Values.components $name).enabled }}
  - job_name: {{ $name }}
    dns_sd_configs:
      - names: [{{ include "chartly.name" (dict "root" $ "component" $name) }}-pods]
        type: A
        port: {{ int64 $structure.ports.internal }}
        refresh_interval: 15s
{{- end }}
{{- end }}
{{- end }}

{{/* The Deployment and Service of a monitor. Takes root, component, args, env, mounts (ConfigMap part to folder), checksum. */}}
{{- define "chartly.monitor" -}}
{{- $root := .root -}}
{{- $of := dict "root" .root "component" .component -}}
{{- $structure := include "chartly.structure" $root | fromJson -}}
{{- $fixed := index $structure.monitoring .component -}}
{{- $values := index $root.Values.monitoring .component -}}
{{- $fullName := include "chartly.name" $of -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "chartly.metadata" $of | nindent 2 }}
automountServiceAccountToken: false
{{- if $values.persistence.enabled }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  {{- include "chartly.metadata" $of | nindent 2 }}
spec:
  accessModes: [ReadWriteOnce]
  {{- with $values.persistence.storageClass }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources:
    requests:
      storage: {{ $values.persistence.size | quote }}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "chartly.metadata" $of | nindent 2 }}
spec:
  replicas: 1
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "chartly.selectorLabels" $of | nindent 6 }}
  strategy:
    type: Recreate
  template:
    metadata:
      labels:
        {{- include "chartly.labels" $of | nindent 8 }}
      annotations:
        checksum/config: {{ .checksum }}
    spec:
      serviceAccountName: {{ $fullName }}
      {{- include "chartly.podSecurity" $structure.user | nindent 6 }}
      terminationGracePeriodSeconds: 30
      {{- include "chartly.pullSecrets" $root | nindent 6 }}
      {{- include "chartly.placement" $values | nindent 6 }}
      containers:
        - name: {{ .component }}
          image: {{ include "chartly.image" (dict "image" $values.image "fallback" "") }}
          imagePullPolicy: IfNotPresent
          {{- with .args }}
          args:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ int64 $fixed.port }}
              protocol: TCP
          {{- with .env }}
          env:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- include "chartly.probes" (dict "ready" $fixed.probes.ready "live" $fixed.probes.live "port" "http") | nindent 10 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "chartly.containerSecurity" $structure.user | nindent 12 }}
          volumeMounts:
            {{- range $fixed.writable }}
            - name: {{ .name }}
              mountPath: {{ .path }}
            {{- end }}
            {{- range .mounts }}
            - name: {{ .part }}
              mountPath: {{ .folder }}
              readOnly: true
            {{- end }}
      volumes:
        {{- range $fixed.writable }}
        - name: {{ .name }}
          {{- if and $values.persistence.enabled (eq .name "data") }}
          persistentVolumeClaim:
            claimName: {{ $fullName }}
          {{- else }}
          emptyDir:
            sizeLimit: {{ .size }}
          {{- end }}
        {{- end }}
        {{- range .mounts }}
        - name: {{ .part }}
          configMap:
            name: {{ $fullName }}-{{ .part }}
        {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "chartly.metadata" $of | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "chartly.selectorLabels" $of | nindent 4 }}
  ports:
    - name: http
      port: {{ int64 $fixed.port }}
      targetPort: http
      protocol: TCP
{{- end }}
