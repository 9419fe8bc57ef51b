import { generate } from 'selfsigned'

/** The server's certificate and key, and the authority that its clients must trust, all in PEM. */
export interface ServerCertificate {
  /** The certificate of the authority that issued the server's. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

const common = { keyType: 'ec', algorithm: 'sha256' } as const

/** Issues a certificate for 127.0.0.1, from a new authority whose key is then discarded. */
export async function issueCertificate(): Promise<ServerCertificate> {
  const authority = await generate([{ name: 'commonName', value: 'testkit' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  })
  const server = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
      { name: 'extKeyUsage', serverAuth: true },
    ],
  })
  return { authority: authority.cert, certificate: server.cert, key: server.private }
}
