import type { ServerCertificate } from '../tls/certificate.ts'

/** A listener that accepts only SASL (SCRAM-SHA-256) over TLS. */
export interface SecuredListener {
  readonly certificate: ServerCertificate
  /** The passwords, by user. */
  readonly users: Readonly<Record<string, string>>
}

export function securedProperties({ certificate }: SecuredListener): Record<string, string> {
  const login = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  return {
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': login,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': certificate.certificate,
    'ssl.keystore.key': certificate.key,
  }
}

/** Returns the users as arguments for the tool that formats the log folder. */
export function scramUsers({ users }: SecuredListener): string[] {
  return Object.entries(users).flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-256=[name=${name},password=${password}]`,
  ])
}
