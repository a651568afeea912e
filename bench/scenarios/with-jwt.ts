import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TokenIssuer } from '../../test/support/token-issuer.js';
import { comparisonRows } from '../kit/comparison-rows.js';
import { grpcSide, pidsOf, request, restSide, warmServer } from '../kit/lookups.js';
import { compare } from '../kit/pairs.js';
import type { Scenario } from '../kit/scenario.js';

/** The same calls to a server that wants tokens, and to one that does not. */
function withJwt(transport: 'grpc' | 'rest'): Scenario {
  return {
    name: `jwt-${transport}`,
    title: `get_plugin_endpoint over ${transport}, with signed tokens and without`,
    async run(settings) {
      const folder = mkdtempSync(join(tmpdir(), 'berth-bench-'));
      const issuer = await TokenIssuer.create();
      const jwks = join(folder, 'jwks.json');
      writeFileSync(jwks, issuer.jwks);
      const token = await issuer.token({ claims: { did: request.domain_id } });
      const sideOf = transport === 'grpc' ? grpcSide : restSide;
      const at = transport === 'grpc' ? 'grpc' : 'http';
      try {
        const compared = await compare(settings, async (keep) => {
          const closed = keep(await warmServer({ BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: jwks }, { token }));
          const open = keep(await warmServer());
          return [sideOf('with JWT', closed[at], pidsOf(closed), { token }), sideOf('without', open[at], pidsOf(open))];
        });
        return comparisonRows(this.name, ['with JWT', 'without'], compared, { ratio: 0.9 });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export const jwtGrpc = withJwt('grpc');
export const jwtRest = withJwt('rest');
