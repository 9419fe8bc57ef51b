import type { Case } from './case.ts'
import { node22 } from './versions.ts'

const api = '@opentelemetry/api'
const openTelemetry = {
  dependencies: {
    [api]: '1.9.0',
    '@opentelemetry/auto-instrumentations-node': '0.81.2',
    '@opentelemetry/sdk-node': '0.223.0',
  },
  env: {
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
  },
  flavour: 'cjs',
  evidence: ['spans of kafkajs', 'spans of pg'],
  headers: ['traceparent'],
} satisfies Partial<Case>

const otelCases: readonly Case[] = [
  {
    ...openTelemetry,
    name: 'otel',
    what: 'OpenTelemetry, all automatic instrumentations 0.81',
    files: ['agents/otel.cjs'],
    run: ['--require', './otel.cjs', 'app/main.js'],
  },
  {
    ...openTelemetry,
    name: 'otel-late',
    what: 'OpenTelemetry, started after the packages were loaded',
    files: ['agents/otel.cjs', 'agents/late.cjs'],
    run: ['late.cjs'],
  },
  {
    ...openTelemetry,
    name: 'otel-sqlcommenter',
    what: 'OpenTelemetry with addSqlCommenterCommentToQueries',
    files: ['agents/otel.cjs'],
    run: ['--require', './otel.cjs', 'app/main.js'],
    env: { ...openTelemetry.env, COMPAT_SQLCOMMENTER: '1' },
    comment: '/*traceparent=',
  },
  {
    ...openTelemetry,
    name: 'otel-esm',
    what: 'OpenTelemetry in an application with ES modules',
    flavour: 'esm',
    files: ['agents/otel.cjs'],
    run: [
      '--require',
      './otel.cjs',
      '--experimental-loader',
      '@opentelemetry/instrumentation/hook.mjs',
      'app/main.js',
    ],
  },
]

const sentry = {
  flavour: 'cjs',
  files: ['agents/sentry.cjs'],
  run: ['--import', './sentry.cjs', 'app/main.js'],
  headers: ['sentry-trace'],
} satisfies Partial<Case>

const sentryCases: readonly Case[] = [
  {
    ...sentry,
    name: 'sentry-8',
    what: 'Sentry 8 in its default set-up',
    dependencies: { '@sentry/node': '8.55.2' },
    evidence: ['spans auto.kafkajs.otel.producer', 'spans auto.db.otel.postgres'],
  },
  {
    ...sentry,
    name: 'sentry-11',
    what: 'Sentry 11 in its default set-up, on Node 22, which it requires',
    dependencies: { '@sentry/node': '11.12.0' },
    node: node22,
    evidence: ['spans auto.queue.kafkajs.producer', 'spans auto.db.postgres'],
  },
]

const datadog = {
  flavour: 'cjs',
  files: ['agents/dd-trace.cjs'],
  run: ['--require', './dd-trace.cjs', 'app/main.js'],
  env: { DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false', DD_REMOTE_CONFIGURATION_ENABLED: 'false' },
  evidence: ['messages produced', 'batches consumed', 'queries of pg'],
  headers: ['x-datadog-trace-id'],
} satisfies Partial<Case>

const datadogCases: readonly Case[] = [
  {
    ...datadog,
    name: 'dd-trace-5.90',
    what: 'dd-trace 5.90, which protects the text of queries',
    dependencies: { 'dd-trace': '5.90.0' },
    // It does not see batches of produced messages.
    evidence: ['batches consumed', 'queries of pg'],
    headers: [],
  },
  {
    ...datadog,
    name: 'dd-trace',
    what: 'dd-trace 5.132, the newest 5; it must print nothing',
    dependencies: { 'dd-trace': '5.132.0' },
    isSilent: true,
  },
  {
    ...datadog,
    name: 'dd-trace-6',
    what: 'dd-trace 6.21, on Node 22, which it requires',
    dependencies: { 'dd-trace': '6.21.0' },
    node: node22,
  },
  {
    ...datadog,
    name: 'dd-trace-appsec',
    what: 'dd-trace with AppSec, which must see every statement of Sequelize',
    dependencies: { 'dd-trace': '5.132.0' },
    env: { ...datadog.env, DD_APPSEC_ENABLED: 'true' },
    equalEvidence: ['writing statements'],
  },
]

const otherCases: readonly Case[] = [
  {
    name: 'elastic-apm',
    what: "Elastic APM, sending to the runner's server",
    flavour: 'cjs',
    dependencies: { 'elastic-apm-node': '4.18.0' },
    files: ['agents/elastic-apm.cjs'],
    run: ['--require', './elastic-apm.cjs', 'app/main.js'],
    collector: 'elastic',
    evidence: ['spans of kafka', 'spans of postgresql'],
    headers: ['traceparent'],
  },
  {
    name: 'newrelic',
    what: "New Relic with its flag for kafkajs, sending to the runner's collector",
    flavour: 'cjs',
    dependencies: { newrelic: '13.9.2' },
    files: ['agents/newrelic.cjs'],
    run: ['--require', './newrelic.cjs', 'app/main.js'],
    collector: 'newrelic',
    evidence: ['metrics of kafka', 'metrics of postgres'],
    headers: ['traceparent'],
  },
]

export const agentCases: readonly Case[] = [...otelCases, ...sentryCases, ...datadogCases, ...otherCases]
