{{/*
One Deployment, of a dict with `root`, `config` (parsed) and what "flinkops.deployments" says of it.
*/}}
{{- define "flinkops.deployment" -}}
{{- $root := .root -}}
{{- $settings := .settings -}}
{{- $secrets := $root.Values.secrets -}}
{{- $ca := $root.Values.ca -}}
{{- $isHttp := and (not .zone) (eq "http" (($.config.slack | default dict).mode | default "socket")) -}}
{{- $selector := include "flinkops.componentLabels" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  labels:
    {{- include "flinkops.labels" $root | nindent 4 }}
    {{- include "flinkops.ownLabels" . | nindent 4 }}
spec:
  replicas: {{ $settings.replicas }}
  selector:
    matchLabels:
      {{- $selector | nindent 6 }}
  strategy:
    {{- toYaml $settings.strategy | nindent 4 }}
  template:
    metadata:
      annotations:
        # config.yml is read at the start. A changed policy.yml is taken over by running pods, so it is not part of this
        checksum/config: {{ toYaml .config | sha256sum }}
        {{- with $settings.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      labels:
        {{- $selector | nindent 8 }}
        {{- with merge (deepCopy ($settings.podLabels | default dict)) $root.Values.commonLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "flinkops.serviceAccountName" $root }}
      automountServiceAccountToken: false
      # a Service called flinkops in this namespace would set FLINKOPS_PORT to its address
      enableServiceLinks: false
      # longer than timings.drain
      terminationGracePeriodSeconds: {{ $settings.terminationGracePeriodSeconds }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $settings.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $settings.topologySpreadConstraints }}
      topologySpreadConstraints:
        {{- range . }}
        - labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
          {{- omit . "labelSelector" | toYaml | nindent 10 }}
        {{- end }}
      {{- end }}
      securityContext:
        {{- toYaml $settings.podSecurityContext | nindent 8 }}
      containers:
        - name: {{ .component }}
          image: {{ include "flinkops.image" $root }}
          {{- with $root.Values.image.pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          {{- if .zone }}
          args: [worker, --zone, {{ .zone | quote }}, --config, /etc/flinkops/config.yml]
          {{- else }}
          args: [bot, --config, /etc/flinkops/config.yml]
          {{- end }}
          env:
            {{- range (include "flinkops.variables" . | fromJson).names }}
            - name: {{ . }}
              valueFrom:
                secretKeyRef:
                  {{- $from := index $secrets.from . | default dict }}
                  name: {{ $from.name | default $secrets.name }}
                  key: {{ $from.key | default . }}
            {{- end }}
            {{- if or $ca.configMap $ca.secret }}
            - name: NODE_EXTRA_CA_CERTS
              value: /etc/ssl/flinkops/{{ $ca.key }}
            {{- end }}
            {{- with $settings.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- with $settings.extraEnvFrom }}
          envFrom:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - name: health
              containerPort: {{ .config.http.port | default 8080 }}
            {{- if $isHttp }}
            - name: slack
              containerPort: {{ .config.slack.port | default 3000 }}
            {{- end }}
          {{- if $isHttp }}
          lifecycle:
            preStop:
              exec:
                # until no proxy sends requests here any more
                command: [node, -e, "setTimeout(() => {}, 5000)"]
          {{- end }}
          startupProbe:
            httpGet: { path: /healthz, port: health }
            {{- toYaml $settings.startupProbe | nindent 12 }}
          # does not depend on Redis or Slack: a restart repairs neither
          livenessProbe:
            httpGet: { path: /healthz, port: health }
            {{- toYaml $settings.livenessProbe | nindent 12 }}
          readinessProbe:
            httpGet: { path: /readyz, port: health }
            {{- toYaml $settings.readinessProbe | nindent 12 }}
          resources:
            {{- toYaml $settings.resources | nindent 12 }}
          securityContext:
            {{- toYaml $settings.securityContext | nindent 12 }}
          volumeMounts:
            - name: config
              mountPath: /etc/flinkops
              readOnly: true
            {{- if or $ca.configMap $ca.secret }}
            - name: ca
              mountPath: /etc/ssl/flinkops
              readOnly: true
            {{- end }}
            {{- range $folder, $secret := $settings.secretFiles }}
            # files, because their content may rotate: they are read again whenever they change
            - name: secret-{{ $folder }}
              mountPath: /var/run/secrets/flinkops/{{ $folder }}
              readOnly: true
            {{- end }}
            {{- with $settings.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        # mounted as a folder: a file of it that is mounted alone would never change in a running pod
        - name: config
          configMap:
            name: {{ include "flinkops.fullname" $root }}
        {{- if or $ca.configMap $ca.secret }}
        - name: ca
          {{- if $ca.configMap }}
          configMap:
            name: {{ $ca.configMap }}
          {{- else }}
          secret:
            secretName: {{ $ca.secret }}
          {{- end }}
        {{- end }}
        {{- range $folder, $secret := $settings.secretFiles }}
        - name: secret-{{ $folder }}
          secret:
            secretName: {{ $secret }}
        {{- end }}
        {{- with $settings.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}

{{/* Labels that only the objects of one Deployment have. */}}
{{- define "flinkops.ownLabels" -}}
app.kubernetes.io/component: {{ .component }}
{{- if .zone }}
flinkops/zone: {{ .zone | trimAll "-_." | quote }}
{{- end }}
{{- end }}

{{/* Labels by which the pods of one Deployment are selected. */}}
{{- define "flinkops.componentLabels" -}}
{{ include "flinkops.selectorLabels" .root }}
{{ include "flinkops.ownLabels" . }}
{{- end }}
