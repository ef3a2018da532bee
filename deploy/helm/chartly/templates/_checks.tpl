{{/* What a schema cannot say about values; each stops the render with a sentence. */}}
{{- define "chartly.checks" -}}
{{- $structure := include "chartly.structure" . | fromJson -}}
{{- with .Values.infrastructure.contractVersion -}}
{{- $wanted := $structure.contractMajor | toString -}}
{{- if ne (regexFind "^[0-9]+" .) $wanted -}}
{{- fail (printf "The infrastructure speaks contract %s and this chart speaks %s.x. Install the chart that belongs to those Terraform modules, or apply the modules of this release and run `chartly infra values` again." . $wanted) -}}
{{- end -}}
{{- end -}}
{{- range $name, $fixed := $structure.components -}}
{{- $values := index $.Values.components $name -}}
{{- $of := dict "root" $ "component" $name -}}
{{- if and $values.enabled (include "chartly.stateful" $of) -}}
{{- if or $values.autoscaling.enabled (gt (int64 $values.replicas) 1) -}}
{{- fail (printf "components.%s: one process opens its file, so it has one replica and no autoscaling. For more, give it an events engine (engines.%s.required: true)." $name $fixed.stateful.unlessEngine) -}}
{{- end -}}
{{- end -}}
{{- with $values.autoscaling -}}
{{- if and .enabled (gt (int64 .min) (int64 .max)) -}}
{{- fail (printf "components.%s.autoscaling: min (%d) is over max (%d)." $name (int64 .min) (int64 .max)) -}}
{{- end -}}
{{- if and .enabled (ne .queue.source "off") (not $fixed.queue) -}}
{{- fail (printf "components.%s.autoscaling.queue: this component works off no queue of its own; scale it by CPU (queue.source: \"off\")." $name) -}}
{{- end -}}
{{- end -}}
{{- if and $values.enabled (not (empty $values.env)) -}}
{{- range $variable, $value := $values.env -}}
{{- if has $variable $structure.secretVariables -}}
{{- fail (printf "components.%s.env.%s: this is a secret. Put it in a Secret and name that under `engines` or `secrets`." $name $variable) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $variable, $value := .Values.config -}}
{{- if has $variable $structure.secretVariables -}}
{{- fail (printf "config.%s: this is a secret. Put it in a Secret and name that under `engines` or `secrets`." $variable) -}}
{{- end -}}
{{- end -}}
{{- if .Values.ingress.enabled -}}
{{- $seen := dict -}}
{{- range .Values.ingress.paths -}}
{{- if hasKey $seen .path -}}
{{- fail (printf "ingress.paths: %s stands there twice." .path) -}}
{{- end -}}
{{- $_ := set $seen .path true -}}
{{- if not (index $structure.components .component).public -}}
{{- fail (printf "ingress.paths: %s goes to %s, which has no public port. Only the gateway speaks to the outside." .path .component) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
