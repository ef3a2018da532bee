{{/*
What is fixed about the nine: ports, probes, mounts, who calls whom. Generated from deploy/components.yaml; values say
what an operator may choose.
*/}}
{{- define "chartly.structure" -}}
{{- .Files.Get "files/structure.json" -}}
{{- end }}

{{- define "chartly.name" -}}
{{- printf "%s-%s" .root.Release.Name .component -}}
{{- end }}

{{/* What selects a component's pods: these three and nothing that a release changes. Takes root and component. */}}
{{- define "chartly.selectorLabels" -}}
app.kubernetes.io/name: chartly
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "chartly.labels" -}}
{{ include "chartly.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: chartly
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "chartly.metadata" -}}
name: {{ .name | default (include "chartly.name" .) }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "chartly.labels" . | nindent 2 }}
{{- end }}

{{/* A value as the text of an environment variable; ten million is 10000000 and not 1e+07. */}}
{{- define "chartly.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end }}

{{/* An image of {repository, tag, digest}; a digest wins. Takes image and fallback (a tag). */}}
{{- define "chartly.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (.image.tag | default .fallback | toString) -}}
{{- end -}}
{{- end }}

{{/* How many pods of a component there are at least. Takes root and component. */}}
{{- define "chartly.leastReplicas" -}}
{{- $values := index .root.Values.components .component -}}
{{- if $values.autoscaling.enabled -}}
{{- int64 $values.autoscaling.min -}}
{{- else -}}
{{- int64 $values.replicas -}}
{{- end -}}
{{- end }}

{{/* "true" when the component keeps a file that one process opens. Takes root and component. */}}
{{- define "chartly.stateful" -}}
{{- $fixed := index (include "chartly.structure" .root | fromJson).components .component -}}
{{- with $fixed.stateful -}}
{{- if not (index $.root.Values.engines .unlessEngine).required -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/* How many processes there may be at once: the most pods of each component, and one more while it is rolled. */}}
{{- define "chartly.processes" -}}
{{- $most := 0 -}}
{{- range $name, $values := .Values.components -}}
{{- if $values.enabled -}}
{{- $pods := ternary $values.autoscaling.max $values.replicas $values.autoscaling.enabled -}}
{{- $most = add $most (int64 $pods) 1 -}}
{{- end -}}
{{- end -}}
{{- $most -}}
{{- end }}

{{/*
Connections that each process may pool, when Postgres allows engines.postgres.maxConnections in all: its share, without
what its queues hold and what is left for people. Fails when that is too few to work with.
*/}}
{{- define "chartly.databasePool" -}}
{{- $connections := (include "chartly.structure" . | fromJson).connections -}}
{{- $all := int64 .Values.engines.postgres.maxConnections -}}
{{- $processes := include "chartly.processes" . | int64 -}}
{{- $queues := ternary 0 (int64 $connections.queues) .Values.engines.redis.required -}}
{{- $share := sub (div (sub $all (int64 $connections.reserved)) $processes) $queues -}}
{{- if lt $share (int64 $connections.poolMin) -}}
{{- $needed := add (mul $processes (add (int64 $connections.poolMin) $queues)) (int64 $connections.reserved) -}}
{{- fail (printf "engines.postgres.maxConnections: %d connections are too few for up to %d processes; they need %d. Allow more, put a pooler in front, run fewer replicas, or move jobs to Redis (engines.redis)." $all $processes $needed) -}}
{{- end -}}
{{- min $share (int64 $connections.poolMax) -}}
{{- end }}

{{/* What all nine take from their environment and may be seen by anybody, as the data of a ConfigMap. */}}
{{- define "chartly.config" -}}
{{- $structure := include "chartly.structure" . | fromJson -}}
{{- $config := dict -}}
{{- range $variable, $value := $structure.environment -}}
{{- $_ := set $config $variable (include "chartly.text" $value) -}}
{{- end -}}
{{- range $name, $fixed := $structure.components -}}
{{- $url := printf "http://%s:%d" (include "chartly.name" (dict "root" $ "component" $name)) (int64 $structure.ports.internal) -}}
{{- $_ := set $config $fixed.urlVariable $url -}}
{{- end -}}
{{- if .Values.engines.postgres.maxConnections -}}
{{- $_ := set $config "CHARTLY_DATABASE_POOL" (include "chartly.databasePool" .) -}}
{{- end -}}
{{- range $variable, $value := .Values.config -}}
{{- $_ := set $config $variable (include "chartly.text" $value) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{- define "chartly.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int64 . }}
  runAsGroup: {{ int64 . }}
  fsGroup: {{ int64 . }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "chartly.containerSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Takes ready, live and port. */}}
{{- define "chartly.probes" -}}
startupProbe:
  httpGet: { path: {{ .live }}, port: {{ .port }} }
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 150
readinessProbe:
  httpGet: { path: {{ .ready }}, port: {{ .port }} }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
livenessProbe:
  httpGet: { path: {{ .live }}, port: {{ .port }} }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
{{- end }}

{{- define "chartly.spread" -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "chartly.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end }}

{{/* Where a pod may be placed: what the values of a component or monitor say. */}}
{{- define "chartly.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "chartly.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* One variable out of a Secret. Takes variable, secret, key, optional. */}}
{{- define "chartly.secretVariable" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
      {{- if .optional }}
      optional: true
      {{- end }}
{{- end }}

{{/* A component's own variables. Takes root and component. */}}
{{- define "chartly.environment" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- $structure := include "chartly.structure" $root | fromJson -}}
{{- $fixed := index $structure.components $component -}}
{{- $values := index $root.Values.components $component -}}
{{- $own := merge (dict) ($values.env | default dict) ($fixed.environment | default dict) -}}
- name: CHARTLY_ROLE
  value: {{ $component }}
{{- range $variable, $value := $own }}
- name: {{ $variable }}
  value: {{ include "chartly.text" $value | quote }}
{{- end }}
{{- range $engine := $fixed.engines }}
{{- $of := index $root.Values.engines $engine }}
{{ include "chartly.secretVariable" (dict "variable" (index $structure.engines $engine).address "secret" $of.existingSecret "key" $of.key "optional" (not $of.required)) }}
{{- end }}
{{- range $secret := $structure.secrets }}
{{- if or (not $secret.only) (has $component $secret.only) }}
{{- $of := index $root.Values.secrets $secret.id }}
{{ include "chartly.secretVariable" (dict "variable" $secret.variable "secret" $of.existingSecret "key" ($of.key | replace "{component}" $component) "optional" $secret.optional) }}
{{- end }}
{{- end }}
- name: CHARTLY_SERVICE_PUBLIC_KEYS
  valueFrom:
    configMapKeyRef:
      name: {{ $root.Values.publicKeys.existingConfigMap | quote }}
      key: {{ $root.Values.publicKeys.key | quote }}
{{- end }}

{{/* The pods of a component, as a peer of a network policy. Takes root and component. */}}
{{- define "chartly.pods" -}}
- podSelector:
    matchLabels:
      {{- include "chartly.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/* The way to an engine: its port, at its addresses where they are known. Takes port and cidrs. */}}
{{- define "chartly.engineEgress" -}}
{{- if .cidrs }}
- to:
    {{- range .cidrs }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - { protocol: TCP, port: {{ int64 .port }} }
{{- else }}
- ports:
    - { protocol: TCP, port: {{ int64 .port }} }
{{- end }}
{{- end -}}
