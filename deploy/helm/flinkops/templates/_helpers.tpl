{{- define "flinkops.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* At most 40 characters, so that the names made of it stay below 63. */}}
{{- define "flinkops.fullname" -}}
{{- $name := include "flinkops.name" . -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $full | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "flinkops.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flinkops.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "flinkops.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{ include "flinkops.selectorLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "flinkops.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "flinkops.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end }}

{{- define "flinkops.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* config.yml: as it was given, and what only the chart knows. */}}
{{- define "flinkops.config" -}}
{{- $config := deepCopy (.Values.config | default dict) -}}
{{- if kindIs "string" $config -}}
  {{- $config = fromYaml $config -}}
  {{- with $config.Error -}}{{- fail (printf "config: is not a YAML map: %s" .) -}}{{- end -}}
{{- end -}}
{{- $_ := set $config "http" (set ($config.http | default dict) "listen" "all") -}}
{{- if .Values.policy -}}
  {{- $_ := set $config "policy" "policy.yml" -}}
{{- else if $config.policy -}}
  {{- fail (printf "config.policy: names %s, and the chart has no such file; give its text with `--set-file policy=%s`" $config.policy $config.policy) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{/*
YAML, under `list`: the Deployments of this release, each with `component`, `name`, `zone` (empty for the bot) and `settings`.
*/}}
{{- define "flinkops.deployments" -}}
{{- $config := include "flinkops.config" . | fromYaml -}}
{{- $full := include "flinkops.fullname" . -}}
{{- $all := list -}}
{{- if .Values.bot.enabled -}}
  {{- $settings := include "flinkops.settings" (dict "root" . "over" (list .Values.bot)) | fromYaml -}}
  {{- $all = append $all (dict "component" "bot" "name" (printf "%s-bot" $full) "zone" "" "settings" $settings) -}}
{{- end -}}
{{- $zones := list -}}
{{- range $cluster := $config.clusters -}}
  {{- $zones = append $zones ($cluster.zone | default "default") -}}
{{- end -}}
{{- $zones = $zones | uniq | sortAlpha -}}
{{- range $zone, $own := .Values.zones -}}
  {{- if not (has $zone $zones) -}}
    {{- fail (printf "zones.%s: no cluster of config.clusters is in this zone; the zones are %s" $zone (join ", " $zones)) -}}
  {{- end -}}
{{- end -}}
{{- $names := dict -}}
{{- range $zone := $zones -}}
  {{- $own := index $.Values.zones $zone | default dict -}}
  {{- if ne false $own.enabled -}}
    {{- $name := printf "%s-worker-%s" $full ($zone | lower | replace "_" "-" | replace "." "-") | trunc 63 | trimAll "-" -}}
    {{- with index $names $name -}}
      {{- fail (printf "config.clusters: the zones %s and %s have the same name in Kubernetes, %s; rename one" . $zone $name) -}}
    {{- end -}}
    {{- $_ := set $names $name $zone -}}
    {{- $settings := include "flinkops.settings" (dict "root" $ "over" (list $.Values.worker $own)) | fromYaml -}}
    {{- $all = append $all (dict "component" "worker" "name" $name "zone" $zone "settings" $settings) -}}
  {{- end -}}
{{- end -}}
{{- dict "list" $all | toYaml -}}
{{- end }}

{{/* YAML: the settings of one Deployment's pods. Later ones of `over` replace earlier ones, lists of extras are added up. */}}
{{- define "flinkops.settings" -}}
{{- $shared := pick .root.Values "podAnnotations" "podLabels" "nodeSelector" "tolerations" "affinity" "priorityClassName" "topologySpreadConstraints" "terminationGracePeriodSeconds" "strategy" "podSecurityContext" "securityContext" "startupProbe" "livenessProbe" "readinessProbe" "podDisruptionBudget" "extraEnv" "extraEnvFrom" "secretFiles" "extraVolumes" "extraVolumeMounts" "networkPolicy" -}}
{{- $settings := deepCopy $shared -}}
{{- range $over := .over -}}
  {{- $extras := dict -}}
  {{- range $key := list "extraEnv" "extraEnvFrom" "extraVolumes" "extraVolumeMounts" -}}
    {{- $_ := set $extras $key (concat (index $settings $key | default list) (index $over $key | default list)) -}}
  {{- end -}}
  {{- $settings = merge $extras (mergeOverwrite $settings (deepCopy $over)) -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end }}

{{/*
JSON, under `names`: the variables that a process reads, as src/config/secrets.ts does it. `zone` is empty for the bot. A worker
gets no variable of a cluster in another zone, the bot none of any cluster.
*/}}
{{- define "flinkops.variables" -}}
{{- $config := .config -}}
{{- $slack := $config.slack | default dict -}}
{{- $refs := list ($slack.botToken | default (dict "env" "SLACK_BOT_TOKEN")) -}}
{{- $redis := $config.redis | default dict -}}
{{- $refs = append $refs ($redis.url | default (dict "env" "REDIS_URL")) -}}
{{- $refs = append $refs $redis.sentinelPassword -}}
{{- $refs = concat $refs (($config.seal | default dict).keys | default list) -}}
{{- if .zone -}}
  {{- $audit := $config.audit | default dict -}}
  {{- $refs = append $refs $audit.signingKey -}}
  {{- range $sink := $audit.sinks -}}
    {{- $refs = concat (append $refs $sink.url) (values ($sink.headers | default dict)) -}}
  {{- end -}}
  {{- $served := dict -}}
  {{- range $name, $cluster := $config.clusters -}}
    {{- if eq $.zone ($cluster.zone | default "default") -}}
      {{- $_ := set $served $name true -}}
      {{- $refs = concat (append $refs $cluster.url) (values ($cluster.headers | default dict)) -}}
      {{- if kindIs "map" $cluster.auth -}}
        {{- $refs = append (append $refs $cluster.auth.password) $cluster.auth.token -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- range $job := $config.jobs -}}
    {{- if hasKey $served $job.cluster -}}{{- $refs = concat $refs ($job.args | default list) -}}{{- end -}}
  {{- end -}}
{{- else if eq "http" ($slack.mode | default "socket") -}}
  {{- $refs = append $refs ($slack.signingSecret | default (dict "env" "SLACK_SIGNING_SECRET")) -}}
{{- else -}}
  {{- $refs = append $refs ($slack.appToken | default (dict "env" "SLACK_APP_TOKEN")) -}}
{{- end -}}
{{- $names := list -}}
{{- range $ref := $refs -}}
  {{- if kindIs "map" $ref -}}{{- with $ref.env -}}{{- $names = append $names . -}}{{- end -}}{{- end -}}
{{- end -}}
{{- dict "names" ($names | uniq) | toJson -}}
{{- end }}
