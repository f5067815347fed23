// A real OpenID Connect provider with its own pages to log in and to consent: `node provider.mjs PORT REDIRECT…`. Whoever
// comes is who he says he is; the address of who calls himself "unproven…" is not proven. Each start has new keys.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [port, ...redirects] = process.argv.slice(2)
const server = createServer()
await new Promise((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`

const jwk = (kind, options, more) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...more })
const client = (id, more) => ({ client_id: id, client_secret: 'a secret of the tests', redirect_uris: redirects, ...more })
const provider = new Provider(issuer, {
  clients: [
    client('quire-rs256', { id_token_signed_response_alg: 'RS256' }),
    client('quire-es256', { id_token_signed_response_alg: 'ES256', client_secret: undefined, token_endpoint_auth_method: 'none' }),
  ],
  jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, { alg: 'RS256' }), jwk('ec', { namedCurve: 'P-256' }, { alg: 'ES256' })] },
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: !id.startsWith('unproven'), name: `${id} of the campus` }),
  }),
  cookies: { keys: ['of the tests'] },
})
server.on('request', provider.callback())
console.log(issuer)
